package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DomainTest {
  private static final String DOMAIN = "apps.example.test";

  @ParameterizedTest
  @CsvSource({
    "apps.example.com,apps.example.com",
    "Apps.Example.COM.,apps.example.com",
    "b\u00fccher.example,xn--bcher-kva.example",
    "widemesh.localhost,widemesh.localhost",
    "herokuapp.com,herokuapp.com",
  })
  void a_domain_is_a_name_that_one_can_own(String said, String name) {
    assertThat(Domain.parse("--domain", said)).isEqualTo(new Domain(name));
  }

  @ParameterizedTest
  @CsvSource({
    "https://apps.example.com,no protocol",
    "apps.example.com:8080,no protocol",
    "*.apps.example.com,leave out",
    "10.0.0.1,an address",
    "::1,no protocol",
    "com,anybody",
    "co.uk,anybody",
    "localhost,anybody",
    "apps_1.example.com,'letters, digits'",
    "-apps.example.com,'letters, digits'",
    "apps..example.com,'letters, digits'",
    "'','letters, digits'",
  })
  void anything_else_is_refused_with_why(String said, String why) {
    assertThatThrownBy(() -> Domain.parse("--domain", said))
        .isInstanceOf(Refused.class)
        .hasMessageStartingWith("--domain is '" + said + "': ")
        .hasMessageContaining(why);
  }

  @Test
  void one_that_leaves_no_room_for_an_environments_name_is_refused() {
    var name = ("a".repeat(60) + ".").repeat(4) + "com";

    assertThatThrownBy(() -> Domain.parse("--domain", name)).hasMessageContaining("more than 222");
  }

  @Test
  @Tag("nightly")
  @Tag("END-1")
  void environments_move_to_the_operators_domain_and_stay_there() throws Exception {
    try (var platform = TestPlatform.start()) {
      var app = App.create(platform, platform.environmentOf("dom"), "shop");
      app.write("index.html", "<h1>plain</h1>\n").commit("one").push().ok();
      assertThat(app.answer()).contains("<h1>plain</h1>");

      platform.widemesh("down").ok();
      var refused = platform.tryUp("--domain", "co.uk");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).hasLineCount(2).contains("co.uk", "try:");
      assertThat(platform.tryUp("--domain", DOMAIN).ok().out()).contains("*." + DOMAIN);

      servesOnly(platform, app);
      says(platform, app);

      platform.widemesh("down").ok();
      platform.up();
      servesOnly(platform, app);
    }
  }

  private static void servesOnly(TestPlatform platform, App app) throws Exception {
    var host = app.environment + "." + DOMAIN;
    Await.until(
        "its name leads to the app",
        Duration.ofSeconds(20),
        () -> curl(platform, "http", host, "127.0.0.1").out().contains("<h1>plain</h1>"));
    for (var address : List.of("127.0.0.1", "[::1]")) {
      assertThat(curl(platform, "http", host, address).ok().out()).endsWith(" 200 1.1");
      assertThat(curl(platform, "https", host, address, "--http1.1").ok().out())
          .contains("<h1>plain</h1>")
          .endsWith(" 200 1.1");
      assertThat(curl(platform, "https", host, address, "--http2").ok().out())
          .contains("<h1>plain</h1>")
          .endsWith(" 200 2");
      assertThat(curl(platform, "http", app.host(), address).ok().out())
          .contains("W01")
          .endsWith(" 404 1.1");
      assertThat(curl(platform, "https", app.host(), address).exitCode()).isEqualTo(35);
    }
  }

  /// By its name at that address, trusting the platform's authority alone.
  private static Shell.Result curl(
      TestPlatform platform, String scheme, String host, String address, String... options) {
    var port = scheme.equals("https") ? platform.https : platform.http;
    var argv = new ArrayList<>(List.of("curl", "-sS", "--max-time", "20"));
    argv.addAll(List.of(options));
    argv.addAll(List.of("--cacert", platform.data.resolve("ca.pem").toString()));
    argv.addAll(List.of("--resolve", "%s:%d:%s".formatted(host, port, address)));
    argv.addAll(List.of("-w", " %{http_code} %{http_version}"));
    argv.add("%s://%s:%d/".formatted(scheme, host, port));
    return Shell.run(platform.folder, Map.of(), argv);
  }

  private static void says(TestPlatform platform, App app) {
    var url = "http://%s.%s:%d/".formatted(app.environment, DOMAIN, platform.http);
    assertThat(app.mesh("open").ok().out()).contains(url);
    assertThat(app.mesh("svc", "ls", "--json").ok().out()).contains(url);
    assertThat(app.mesh("env", "ls").ok().out()).contains(url);
    assertThat(app.mesh("stack", "ls").ok().out()).contains(url);
    assertThat(app.commit("nothing").push().ok().err()).contains(url);
    assertThat(platform.mesh("env", "ls", "--json").ok().out()).doesNotContain(".localhost");
    assertThat(platform.widemesh("status").ok().out())
        .contains("http://<environment>.%s:%d".formatted(DOMAIN, platform.http));
  }
}

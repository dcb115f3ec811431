package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every fixture of every buildpack as its developer meets it: pushed, built, started and asked;
/// then with one line changed; then with nothing changed. `-Dfixtures=nodejs/,go/work` takes those
/// alone whose names begin so.
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class FixturesTest {
  private static final Fixtures FIXTURES = Fixtures.of(TestPlatform.HOME.resolve("buildpacks"));

  static List<Fixture> chosen() {
    var beginnings = System.getProperty("fixtures", "").split(",", -1);
    return FIXTURES.all().stream()
        .filter(each -> Arrays.stream(beginnings).anyMatch(each.name()::startsWith))
        .toList();
  }

  @Test
  void every_folder_has_its_expectation_and_every_expectation_its_folder() throws IOException {
    assertThat(FIXTURES.all()).extracting(Fixture::name).isEqualTo(FIXTURES.folders());
  }

  @ParameterizedTest
  @MethodSource("chosen")
  @Tag("nightly")
  @Tag("BLD-1")
  @Tag("BLD-9")
  @Tag("BLD-11")
  void a_fixture_answers_and_a_changed_line_fetches_nothing_and_no_change_builds_nothing(
      Fixture fixture, TestPlatform platform) throws Exception {
    for (var host : fixture.needs()) {
      assumeTrue(answers(host), host + " cannot be reached from here");
    }
    var stack = fixture.name().replace('/', '-');
    var app = App.create(platform, platform.environmentOf("fixture"), stack);
    FIXTURES.copy(fixture, app.repository);
    try {
      pushed(fixture, app.commit("one"));
    } finally {
      platform.mesh("env", "delete", app.environment, "--yes").ok();
    }
  }

  private static boolean answers(String host) throws InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("https://" + host + "/"));
    try (var http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
      http.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.discarding());
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static void pushed(Fixture fixture, App app) throws IOException {
    var first = app.push().ok();
    assertThat(first.err()).contains(fixture.says());
    assertThat(app.answer(fixture.path())).contains(fixture.answer());
    var built = Contents.of(app);

    fixture.changeOneLine(app.repository);
    var second = app.commit("two").push().ok();
    var changed = Contents.of(app);
    assertThat(second.err()).containsPattern(fixture.reuses());
    assertThat(app.answer(fixture.path())).contains(fixture.otherAnswer());
    assertThat(changed.layers.keySet()).isEqualTo(built.layers.keySet());
    assertThat(changed.staying(built)).containsExactlyElementsOf(fixture.stay());
    assertThat(changed.moved(built)).containsExactlyElementsOf(fixture.move());

    var third = app.commit("nothing").push().ok();
    assertThat(third.err()).contains("nothing built");
    assertThat(Contents.of(app)).as("neither built nor rolled").isEqualTo(changed);
    assertThat(app.answer(fixture.path())).contains(fixture.otherAnswer());
  }

  /// The newest container of an app, and the digests of the layers that buildpacks made for it.
  private record Contents(String container, Map<String, String> layers) {
    private static final String LABEL = "io.buildpacks.lifecycle.metadata";

    static Contents of(App app) throws IOException {
      var container = app.platform.containers(app.stack).getFirst();
      var format = "{{index .Config.Labels \"" + LABEL + "\"}}";
      var label = Shell.printed("docker", "inspect", "--format", format, container);
      var layers = new TreeMap<String, String>();
      for (var buildpack : Json.MAPPER.readTree(label).path("buildpacks")) {
        buildpack
            .path("layers")
            .properties()
            .forEach(layer -> layers.put(layer.getKey(), layer.getValue().path("sha").asText()));
      }
      return new Contents(container, layers);
    }

    List<String> staying(Contents before) {
      return only(before.layers.entrySet()::contains);
    }

    List<String> moved(Contents before) {
      return only(layer -> !before.layers.entrySet().contains(layer));
    }

    private List<String> only(Predicate<Map.Entry<String, String>> which) {
      return layers.entrySet().stream().filter(which).map(Map.Entry::getKey).toList();
    }
  }
}

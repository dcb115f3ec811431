package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.Sha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Apps with a Dockerfile, in the real engine.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DockerfileBuildTest {
  private static final String SITE =
      """
      ARG BASE=run:13
      FROM widemesh/build:13 AS pages
      USER root
      ARG GREETING=nobody
      COPY . /src
      RUN mkdir /site && echo "hello $GREETING" >/site/index.html && ls -A /src >/site/files

      FROM widemesh/${BASE}
      ENV COLOUR=green
      WORKDIR /srv
      COPY --from=pages /site .
      COPY nginx.conf /etc/site.conf
      USER 1000
      EXPOSE 8080
      HEALTHCHECK CMD false
      VOLUME /srv/data
      ENTRYPOINT ["/usr/sbin/nginx", "-e", "stderr"]
      CMD ["-c", "/etc/site.conf"]
      """;
  private static final String NGINX =
      """
      daemon off; pid /tmp/nginx.pid; events {}
      http {
        access_log off; client_body_temp_path /tmp/1; proxy_temp_path /tmp/2;
        fastcgi_temp_path /tmp/3; uwsgi_temp_path /tmp/4; scgi_temp_path /tmp/5;
        server { listen 8080; root /srv; }
      }
      """;

  @TempDir static Path folder;
  private static Workshop workshop;

  @BeforeAll
  static void open() throws Exception {
    workshop = new Workshop(folder);
  }

  @AfterAll
  static void close() throws Exception {
    workshop.close();
  }

  private static Path site() throws Exception {
    var checkout = dockerfile(SITE);
    Files.writeString(checkout.resolve("nginx.conf"), NGINX);
    Files.writeString(checkout.resolve(".dockerignore"), "*.secret\n");
    Files.writeString(checkout.resolve("my.secret"), "no");
    return checkout;
  }

  private static Path dockerfile(String text) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(checkout.resolve("Dockerfile"), text);
    return checkout;
  }

  @Test
  @Tag("BLD-5")
  @Tag("BLD-9")
  @Tag("BLD-11")
  void stages_arguments_ignored_files_and_settings_are_honoured_and_steps_are_cached()
      throws Exception {
    var settings = Map.of("GREETING", "ada", "UNASKED", "hidden");
    var first = workshop.job("site", site(), Optional.empty(), settings);
    var built = workshop.build(first);

    assertThat(built.formula()).isEqualTo("dockerfile");
    assertThat(built.port()).isEqualTo(8080);
    assertThat(built.entrypoint()).containsExactly("/usr/sbin/nginx", "-e", "stderr");
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("-c", "/etc/site.conf")));
    assertThat(workshop.output(first))
        .contains("FROM widemesh/build:13 AS pages", "RUN mkdir /site")
        .doesNotContain("hidden", "dev.widemesh");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello ada\n");
      assertThat(app.get("/files").body()).isEqualTo(".dockerignore\nDockerfile\nnginx.conf\n");
      assertThat(app.exec("id", "-u")).isEqualTo("1000");
      assertThat(app.exec("sh", "-c", "echo $COLOUR $PWD")).isEqualTo("green /srv");
    }
    assertThat(
            inspected(built, "{{json .Config.Labels}} {{.Config.Healthcheck}} {{.Config.Volumes}}"))
        .doesNotContain("dev.widemesh.dockerfile", "false", "/srv/data");

    var again = site();
    Files.writeString(again.resolve("nginx.conf"), NGINX + "# changed\n");
    Files.writeString(
        again.resolve("Dockerfile"), SITE.replace("COPY . /src", "COPY Dockerfile /src/"));
    var second = workshop.job("site", again, Optional.of(built), settings);
    var changed = workshop.build(second);
    assertThat(changed.image()).isNotEqualTo(built.image());

    var third = workshop.job("site", again, Optional.of(changed), settings);
    assertThat(workshop.build(third).reused()).isTrue();

    Files.writeString(
        again.resolve("Dockerfile"), Files.readString(again.resolve("Dockerfile")) + "# more\n");
    var fourth = workshop.job("site", again, Optional.of(changed), settings);
    workshop.build(fourth);
    assertThat(workshop.output(fourth)).contains("cached");
  }

  @Test
  @Tag("BLD-5")
  @Tag("BLD-11")
  void a_target_is_the_image_and_nothing_is_built_that_it_does_not_need() throws Exception {
    var checkout =
        dockerfile(
            """
            FROM widemesh/run:13 AS files
            USER root
            RUN echo of files >/words
            CMD ["sleep", "1"]
            FROM registry.invalid/x:1 AS unasked
            FROM widemesh/run:13
            RUN exit 3
            FROM widemesh/run:13 AS Web
            COPY --from=0 /words /words
            ENV COLOUR=green
            WORKDIR /srv
            EXPOSE 8081
            ENTRYPOINT ["/bin/sleep"]
            CMD ["600"]
            FROM web AS last
            EXPOSE 9000
            CMD ["1"]
            """);
    var first = workshop.upTo("web", workshop.job("target", checkout));
    var built = workshop.build(first);

    assertThat(built.port()).isEqualTo(8081);
    assertThat(built.entrypoint()).containsExactly("/bin/sleep");
    assertThat(built.processes()).containsExactly(new ProcessType("web", null, List.of("600")));
    assertThat(workshop.output(first))
        .contains("The image is the stage web", "COPY --from=0 /words /words")
        .doesNotContain("exit 3");
    assertThat(inspected(built, "{{.Config.Env}} {{.Config.WorkingDir}}"))
        .contains("COLOUR=green", "/srv");

    assertThat(workshop.build(targeted("web", checkout, built)).reused()).isTrue();
    var other = workshop.build(targeted("0", checkout, built));
    assertThat(other.reused()).isFalse();
    assertThat(other.image()).isNotEqualTo(built.image());
    assertThat(workshop.refuse(targeted("wbe", checkout, built)).summary())
        .isEqualTo("the Dockerfile has no stage 'wbe', only files, unasked, 2, web, last");
    assertThat(workshop.refuse(targeted("", checkout, built)).summary())
        .as("control: all of it")
        .contains("registry.invalid");
  }

  private static Job targeted(String stage, Path checkout, Built previous) throws Exception {
    return workshop.upTo(stage, workshop.job("target", checkout, Optional.of(previous)));
  }

  @Test
  @Tag("BLD-12")
  @Tag("DEP-12")
  void a_step_that_takes_too_much_memory_is_told_so() throws Exception {
    var cause =
        workshop.refuse(
            workshop.job(
                "memory",
                dockerfile(
                    "FROM widemesh/build:13\nRUN python3 -c 'x = [bytes(10**8) * 1 for _ in iter(int, 1)]'\n")));

    assertThat(cause.summary()).isEqualTo("Dockerfile line 2 ran out of memory (limit 2000 MB)");
  }

  @Test
  @Tag("BLD-12")
  void a_fork_bomb_stays_below_the_limit_and_other_builds_go_on() throws Exception {
    var bomb =
        """
        FROM widemesh/build:13
        LABEL dev.widemesh.dockerfile=elsewhere
        RUN for i in $(seq 2000); do sleep 30 & done; ls -d /proc/[0-9]* | wc -l; exit 9
        """;
    var job = workshop.job("bomb", dockerfile(bomb));
    var result = workshop.controller.start(job);
    var beside = workshop.build(workshop.job("beside", site()));
    assertThat(beside.formula()).isEqualTo("dockerfile");

    var cause = ((Failed) result.get(2, TimeUnit.MINUTES)).cause();

    assertThat(cause.summary())
        .isEqualTo("Dockerfile line 3 needs more than 512 processes at once");
    assertThat(leftovers("bomb")).isEmpty();
  }

  @Test
  @Tag("DEP-12")
  void a_step_that_fails_is_named_with_its_last_lines() throws Exception {
    var job =
        workshop.job(
            "fails",
            dockerfile(
                "FROM widemesh/run:13\n\nRUN echo before\nRUN echo about to fail && \\\n  exit 7\n"));
    var cause = workshop.refuse(job);

    assertThat(cause.summary())
        .isEqualTo("Dockerfile line 4 failed with exit code 7: RUN echo about to fail && exit 7");
    assertThat(cause.evidence()).containsExactly("about to fail");
    assertThat(leftovers("fails")).isEmpty();
  }

  @Test
  @Tag("DEP-12")
  void what_is_not_there_is_named() throws Exception {
    assertThat(refusal("FROM widemesh/run:13\nCOPY nothing /x\n"))
        .startsWith("Dockerfile line 2: COPY failed: file not found in build context");
    assertThat(refusal("FROM widemesh/run:14\n"))
        .isEqualTo("Dockerfile line 1: there is no base image widemesh/run:14");
    assertThat(refusal("FROM 127.0.0.1:1/x\n"))
        .isEqualTo("Dockerfile line 1: the base image 127.0.0.1:1/x is in no public registry");
    assertThat(refusal("FROM registry.invalid/x:1\n"))
        .isEqualTo(
            "Dockerfile line 1: the base image registry.invalid/x:1 is in no public registry");
    assertThat(refusal("FROM widemesh/run:13\nCMD []\nENTRYPOINT []\n"))
        .isEqualTo("nothing says how this app starts");
  }

  /// Behind a company's proxy nothing could be fetched otherwise.
  @Test
  @Tag("BLD-5")
  void a_step_can_have_the_certificates_that_builds_trust() throws Exception {
    var job =
        workshop.job(
            "trust",
            dockerfile(
                """
                FROM widemesh/build:13
                COPY --from=widemesh/ca /ca.crt /tmp/ca.crt
                RUN sha256sum </tmp/ca.crt
                CMD ["true"]
                """));
    workshop.build(job);
    var trusted = workshop.certificates();
    var bytes = trusted.isPresent() ? Files.readAllBytes(trusted.get()) : new byte[0];
    assertThat(workshop.output(job)).contains(Sha256.of(bytes).replace("sha256:", ""));
  }

  /// What lies in the engine of somebody else is not to be had by knowing its id.
  @Test
  @Tag("BLD-12")
  void an_image_of_somebody_else_is_no_base() throws Exception {
    var secret = workshop.build(workshop.job("other", site()));
    var id = inspected(secret, "{{.Id}}").replace("sha256:", "");

    assertThat(refusal("FROM " + id + "\n")).contains("the base image " + id);
    assertThat(refusal("FROM widemesh/run:13\nCOPY --from=" + id.substring(0, 12) + " / /x\n"))
        .contains("the base image " + id.substring(0, 12));
    var named = "abcdef".contains(id.substring(0, 1)) ? id.substring(0, 12) : "abc1";
    assertThat(refusal("FROM widemesh/run:13 AS %1$s\nCOPY --from=%1$s / /x\n".formatted(named)))
        .isEqualTo("Dockerfile line 2: a stage cannot copy from itself");
  }

  @Test
  @Tag("BLD-12")
  void add_fetches_nothing_however_it_is_written() throws Exception {
    var asked = new AtomicInteger();
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      var url = "//127.0.0.1:" + server.getAddress().getPort() + "/x";
      for (var add : List.of("[a] http:\"" + url + "\" /y/", "http:`" + url + " /y/")) {
        assertThat(refusal("# escape=`\nFROM widemesh/run:13\nADD " + add + "\n"))
            .startsWith("Dockerfile line 3: ");
      }
    } finally {
      server.stop(0);
    }
    assertThat(asked).hasValue(0);
  }

  @Test
  @Tag("BLD-5")
  void ignored_files_are_not_sent_because_the_rules_are_too_many() throws Exception {
    var checkout = site();
    Files.writeString(checkout.resolve(".dockerignore"), "#".repeat(100_000) + "\n*.secret\n");
    assertThat(workshop.refuse(workshop.job("long", checkout)).summary())
        .isEqualTo(".dockerignore has 100000 bytes or more");
    Files.delete(checkout.resolve(".dockerignore"));
    Files.createSymbolicLink(checkout.resolve(".dockerignore"), Path.of("nginx.conf"));
    assertThat(workshop.refuse(workshop.job("linked", checkout)).summary())
        .isEqualTo(".dockerignore is no plain file");
  }

  @Test
  @Tag("BLD-12")
  void a_step_reaches_neither_this_machine_nor_other_builds() throws Exception {
    var registry = workshop.registry.registry().port();
    var text =
        """
        FROM widemesh/build:13
        RUN ip=$(awk '$2 == "00000000" { print $3 }' /proc/net/route \\
              | sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)/0x\\4 0x\\3 0x\\2 0x\\1/' | xargs printf '%d.%d.%d.%d'); \\
            for host in 127.0.0.1 169.254.169.254 $ip; do \\
              curl -s -m 2 http://$host:PORT/v2/ && echo reached $host; done; echo done; exit 3
        """
            .replace("PORT", "" + registry);

    var cause = workshop.refuse(workshop.job("curious", dockerfile(text)));

    assertThat(cause.evidence()).containsExactly("done");
  }

  @Test
  void a_cancelled_build_stops_at_once_and_leaves_nothing() throws Exception {
    var job =
        workshop.job(
            "cancel", dockerfile("FROM widemesh/run:13\nRUN echo now waiting; sleep 300\n"));
    var waiting = workshop.controller.firstLineWith("now waiting");
    var result = workshop.controller.start(job);
    waiting.get(1, TimeUnit.MINUTES);

    workshop.controller.cancel(job.deployment());

    assertThat(result.get(15, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
    assertThat(leftovers("cancel")).isEmpty();
  }

  @Test
  @Tag("BLD-6")
  void a_stack_that_is_built_with_buildpacks_stays_so() throws Exception {
    var checkout = workshop.checkout("static/fixture/site");
    Files.writeString(checkout.resolve("Dockerfile"), "FROM nothing\n");
    var job = workshop.built("buildpack", workshop.job("sticky", checkout));

    assertThat(workshop.build(job).formula()).isEqualTo("buildpack");
    assertThat(workshop.output(job)).contains("The Dockerfile is not used");
  }

  private static String refusal(String text) throws Exception {
    return workshop.refuse(workshop.job("refused", dockerfile(text))).summary();
  }

  private static String inspected(Built built, String format) throws Exception {
    var reference = workshop.registry.registry().address() + "/" + built.image();
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"),
            workshop.registry.registry().address(),
            dev.widemesh.builder.image.RunningRegistry.READER,
            dev.widemesh.builder.image.RunningRegistry.PASSWORD);
    docker.succeed("pull", reference);
    return docker.succeed("image", "inspect", "--format", format, reference);
  }

  /// Containers of a stack's builds, and images that no good build led to.
  private static String leftovers(String stack) throws Exception {
    var label = "label=dev.widemesh.dockerfile=" + workshop.platform + "/" + stack;
    var docker = new Docker(folder.resolve("docker"));
    return docker.succeed("ps", "-aq", "--filter", label)
        + docker.succeed("images", "-aq", "--filter", label);
  }
}

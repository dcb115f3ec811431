package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.Cause;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import dev.widemesh.builder.lifecycle.BuildLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Dockerfiles that the engine's own builder does not understand. The first time on a machine
/// BuildKit is compiled, which takes some minutes; what came of it is kept between test runs.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
@Tag("nightly")
class BuildKitTest {
  private static final BuildLimits LIMITS =
      new BuildLimits(Duration.ofSeconds(90), 700_000_000, 2, 150, 1_500_000_000, 5_000_000);
  private static final String SITE =
      """
      # syntax=docker/dockerfile:1
      ARG BASE=widemesh/build:13
      FROM $BASE AS pages
      USER root
      ARG GREETING
      WORKDIR /src
      COPY . .
      RUN --mount=type=cache,target=/kept <<EOF
      set -e
      echo visit >>/kept/visits
      echo "visits: $(wc -l </kept/visits)"
      mkdir /site
      echo "hello $GREETING" >/site/index.html
      ls -A >/site/files
      EOF
      RUN --mount=type=secret,id=TOKEN sha256sum </run/secrets/TOKEN >/site/proof

      FROM widemesh/run:13
      COPY --link --chmod=0644 nginx.conf /etc/site.conf
      COPY --from=pages /site /site
      COPY <<EOF /site/inline
      written here
      EOF
      CMD ["/usr/sbin/nginx", "-e", "stderr", "-c", "/etc/site.conf"]
      """;
  private static final String NGINX =
      """
      daemon off;
      pid /tmp/nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f;
        uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s;
        server { listen 8080; root /site; default_type text/plain; }
      }
      """;

  @TempDir static Path folder;
  private static Workshop workshop;

  @BeforeAll
  static void prepare() throws Exception {
    Workshop.skipWithout("proxy.golang.org");
    workshop = new Workshop(folder, LIMITS);
    workshop.controller.secrets.put("TOKEN", "hemmelig");
    var first =
        workshop.job("first", dockerfile("FROM widemesh/run:13\nCOPY <<A /a\nA\nCMD [\"a\"]\n"));
    var result = workshop.controller.start(first).get(20, TimeUnit.MINUTES);
    assertThat(result).as(workshop.output(first)).isInstanceOf(Built.class);
  }

  @AfterAll
  static void close() throws Exception {
    workshop.close();
  }

  private static Path dockerfile(String text) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(checkout.resolve("Dockerfile"), text);
    return checkout;
  }

  private static Path site() throws Exception {
    var checkout = dockerfile(SITE);
    Files.writeString(checkout.resolve("nginx.conf"), NGINX);
    Files.writeString(checkout.resolve("secret.txt"), "not for the image");
    Files.writeString(checkout.resolve(".dockerignore"), "secret.txt\n");
    return checkout;
  }

  private static Cause refused(String stack, String steps) throws Exception {
    return workshop.refuse(workshop.job(stack, dockerfile(failing(steps))));
  }

  private static String failing(String steps) {
    return "FROM widemesh/build:13 AS first\nUSER root\n" + steps + "CMD [\"true\"]\n";
  }

  private static String leftovers(String stack) throws Exception {
    var label = "label=dev.widemesh.dockerfile=" + workshop.platform + "/" + stack;
    return new Docker(folder.resolve("docker")).succeed("ps", "-aq", "--filter", label);
  }

  @Test
  @Tag("BLD-9")
  @Tag("BLD-10")
  void mounts_here_documents_links_and_secrets_work_and_caches_stay_with_the_stack()
      throws Exception {
    var settings = Map.of("GREETING", "ada");
    var first = workshop.job("kit", site(), Optional.empty(), settings);
    var built = workshop.build(first);

    assertThat(built.formula()).isEqualTo("dockerfile");
    assertThat(workshop.output(first))
        .contains("visits: 1", "RUN --mount=type=cache")
        .doesNotContain("hemmelig");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello ada\n");
      assertThat(app.get("/inline").body()).isEqualTo("written here\n");
      assertThat(app.get("/files").body()).isEqualTo(".dockerignore\nDockerfile\nnginx.conf\n");
      assertThat(app.get("/proof").body())
          .startsWith("804e445bb10e5ddd3e1ca92b3228b1da4b1bc1f7120671c7dae1cba2c529b7dc");

      assertThat(app.exec("sh", "-c", "stat -c %a /etc/site.conf")).isEqualTo("644");
    }
    assertThat(traces(built)).doesNotContain("hemmelig").doesNotContain("dev.widemesh.dockerfile");

    var statement = workshop.statement(built);
    assertThat(statement.toString()).doesNotContain("hemmelig").doesNotContain("ada\"");
    var definition = statement.at("/predicate/buildDefinition");
    assertThat(definition.path("buildType").asText())
        .isEqualTo("https://widemesh.dev/build/dockerfile/v1");
    assertThat(definition.at("/externalParameters/dockerfile").asText()).isEqualTo("Dockerfile");
    assertThat(definition.at("/externalParameters/settings")).hasSize(1);
    var dependencies = definition.path("resolvedDependencies");
    assertThat(dependencies.at("/0/digest/gitCommit").asText()).isEqualTo(first.commit());
    assertThat(dependencies)
        .filteredOn(each -> each.at("/digest/sha256").asText().matches("[0-9a-f]{64}"))
        .extracting(each -> each.path("name").asText())
        .containsExactlyInAnyOrder("widemesh/build:13", "widemesh/run:13");

    var changed = site();
    Files.writeString(changed.resolve("nginx.conf"), NGINX + "# changed\n");
    var second = workshop.job("kit", changed, Optional.of(built), settings);
    workshop.build(second);
    assertThat(workshop.output(second)).contains("visits: 2");

    var elsewhere = workshop.job("other", site(), Optional.empty(), settings);
    var same = workshop.build(elsewhere);
    assertThat(workshop.output(elsewhere)).contains("visits: 1");
    assertThat(same.image().replaceFirst(".*@", ""))
        .isEqualTo(built.image().replaceFirst(".*@", ""));
    assertThat(leftovers("kit")).isEmpty();
  }

  @Test
  @Tag("STK-4")
  void stages_and_secrets_are_mounted_by_any_of_their_names() throws Exception {
    var text =
        """
        ARG BUILDKIT_SYNTAX
        FROM widemesh/build:13 AS First
        USER root
        RUN cat >/made << END
        made by the first
        END

        FROM widemesh/build:13
        USER root
        RUN --mount=type=bind,FROM=first,dst=/first sha256sum </first/made
        RUN --mount=type=secret,dst=/a/TOKEN --mount=type=secret,src=TOKEN \\
            cat /a/TOKEN /run/secrets/TOKEN | sha256sum
        CMD ["true"]
        """;
    var settings = Map.of("BUILDKIT_SYNTAX", "registry.example/another-frontend");
    var job = workshop.job("mounts", dockerfile(text), Optional.empty(), settings);

    workshop.build(job);

    assertThat(workshop.output(job))
        .contains(
            "408c3549e405c125ee7c85d795352de9d9f1ee07976daa61b61702aebab005bb  -",
            "6c1cd19b475693d6c22ce04a375c6f60253cbe48eefe53e594ceb2a755307658  -");
  }

  @Test
  void a_target_is_the_image_and_nothing_is_built_that_it_does_not_need() throws Exception {
    var text =
        """
        FROM registry.invalid/x:1 AS unasked
        FROM widemesh/run:13 AS Files
        USER root
        RUN --mount=type=tmpfs,target=/t echo of files >/words
        CMD ["sleep", "1"]
        FROM widemesh/run:13
        RUN exit 3
        FROM widemesh/run:13 AS web
        COPY --link --from=1 /words /words
        EXPOSE 8081
        CMD ["sleep", "600"]
        FROM web
        EXPOSE 9000
        """;
    var job = workshop.upTo("web", workshop.job("target", dockerfile(text)));
    var built = workshop.build(job);

    assertThat(built.port()).isEqualTo(8081);
    assertThat(traces(built)).contains("8081/tcp").doesNotContain("9000/tcp");
    assertThat(workshop.output(job)).contains("echo of files").doesNotContain("exit 3");
    var files = workshop.upTo("1", workshop.job("target", dockerfile(text)));
    assertThat(workshop.build(files).image()).isNotEqualTo(built.image());
  }

  @Test
  void here_documents_end_where_they_end_for_buildkit_and_a_shift_is_none() throws Exception {
    var text =
        """
        FROM widemesh/build:13
        USER root
        RUN <<E\\OF
        echo is one
        EOF
        RUN cat <<"T WO" && cat <<-THREE && echo ${UNSET:-is} unset
        is two
        T WO
        \tis three
        \tTHREE
        RUN --mount=type=tmpfs,target=/t echo shifted $((1 << 2)) $((64 >> 1))
        CMD ["true"]
        """;
    var job = workshop.job("documents", dockerfile(text));

    workshop.build(job);

    assertThat(workshop.output(job).lines())
        .contains("is one", "is two", "is three", "is unset", "shifted 4 32");
  }

  private static String pulled(Built built) throws Exception {
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"),
            workshop.registry.registry().address(),
            RunningRegistry.READER,
            RunningRegistry.PASSWORD);
    var image = workshop.registry.registry().address() + "/" + built.image();
    docker.succeed("pull", image);
    return image;
  }

  /// Everything that the image says and holds.
  private static String traces(Built built) throws Exception {
    var docker = new Docker(folder.resolve("docker"));
    var image = pulled(built);
    return docker.succeed("history", "--no-trunc", image) + docker.succeed("inspect", image);
  }

  @Test
  @Tag("STK-4")
  void a_secret_that_the_stack_does_not_have_is_named() throws Exception {
    var cause = refused("lacking", "RUN --mount=type=secret,id=NONE true\n");

    assertThat(cause.summary())
        .isEqualTo("the Dockerfile mounts the secret NONE, which the stack does not have");
  }

  @Test
  @Tag("DEP-12")
  void a_step_that_fails_is_named_with_its_line_and_its_last_words() throws Exception {
    var cause =
        refused("fails", "RUN --mount=type=cache,target=/c \\\n  echo so it goes; \\\n exit 7\n");

    assertThat(cause.summary())
        .startsWith("Dockerfile line 3 failed with exit code 7: RUN --mount=type=cache");
    assertThat(cause.evidence()).containsExactly("so it goes");
  }

  @Test
  @Tag("BLD-12")
  @Tag("DEP-12")
  void a_step_that_takes_too_much_memory_is_told_so() throws Exception {
    var bomb = "python3 -c 'x = [bytes(10**8) * 1 for _ in iter(int, 1)]'\n";

    assertThat(refused("memory", "RUN --mount=type=tmpfs,target=/t " + bomb).summary())
        .isEqualTo("Dockerfile line 3 ran out of memory (limit 700 MB)");
  }

  @Test
  @Tag("BLD-12")
  void a_fork_bomb_is_ended_and_other_builds_go_on() throws Exception {
    var bomb = "RUN --mount=type=tmpfs,target=/t for i in $(seq 900); do sleep 60 & done; wait\n";
    var text = "FROM widemesh/build:13\n" + bomb + "CMD [\"true\"]\n";
    var result = workshop.controller.start(workshop.job("bomb", dockerfile(text)));
    var beside = workshop.build(workshop.job("beside", site(), Optional.empty()));
    assertThat(beside.formula()).isEqualTo("dockerfile");

    var cause = ((Failed) result.get(2, TimeUnit.MINUTES)).cause();

    assertThat(cause.summary()).endsWith("needs more than 150 processes at once");
    assertThat(leftovers("bomb")).isEmpty();
  }

  @Test
  @Tag("BLD-12")
  void what_is_written_is_counted_wherever_it_is() throws Exception {
    var write = "mkdir -p /d && exec 3>/d/big; head -c 2000M /dev/zero >&3; sleep 60\n";
    for (var step :
        List.of(
            "RUN --mount=type=cache,target=/d " + write,
            "RUN --mount=type=tmpfs,target=/t " + write,
            "RUN --mount=type=cache,target=/d " + write.replace("big;", "big; rm /d/big;"),
            "RUN --mount=type=tmpfs,target=/t " + write.replace("big;", "big; rm /d/big;"))) {
      var cause = refused("writes", step);
      assertThat(cause.summary()).as(step).isEqualTo("the build wrote more than 1500 MB");
    }
  }

  /// As programs on .NET and Java do, for longer than from one count to the next.
  @Test
  @Tag("BLD-12")
  void what_a_step_reserves_in_memory_is_not_written() throws Exception {
    var reserve = "os.truncate(os.memfd_create(\"file\"), 1 << 40); time.sleep(12)";
    var step =
        "RUN --mount=type=tmpfs,target=/t python3 -c 'import os, time; %s; exit(3)'\n"
            .formatted(reserve);

    assertThat(refused("reserves", step).summary())
        .startsWith("Dockerfile line 3 failed with exit code 3");
  }

  /// Its steps are kept, and what they wrote is cut down as after a good one.
  @Test
  @Tag("BLD-9")
  void a_build_that_failed_leaves_its_caches_to_the_next() throws Exception {
    var steps =
        """
        RUN --mount=type=cache,target=/kept echo visit >>/kept/visits; wc -l </kept/visits; date +%N
        RUN --mount=type=cache,target=/kept head -c 3 /kept/visits; exit 4
        """;
    var first = workshop.job("again", dockerfile(failing(steps)));
    workshop.refuse(first);
    var second = workshop.job("again", dockerfile(failing(steps.replace("exit 4", "exit 5"))));
    var cause = workshop.refuse(second);

    assertThat(cause.summary()).startsWith("Dockerfile line 4 failed with exit code 5");
    assertThat(cause.evidence()).containsExactly("vis");
    assertThat(workshop.output(second)).contains("cached");
  }

  @Test
  @Tag("BLD-12")
  @Tag("DEP-12")
  void endless_output_is_ended() throws Exception {
    var cause = refused("prints", "RUN --mount=type=tmpfs,target=/t yes all work and no play\n");

    assertThat(cause.summary()).isEqualTo("the build printed more than 5 MB");
    assertThat(cause.evidence()).contains("all work and no play");
  }

  @Test
  @Tag("DEP-12")
  void a_step_that_never_ends_is_ended() throws Exception {
    var cause = refused("sleeps", "RUN --mount=type=tmpfs,target=/t echo one moment; sleep 1000\n");

    assertThat(cause.summary()).isEqualTo("the build took longer than 90 s");
    assertThat(cause.evidence()).contains("one moment");
  }

  /// What a step looks for: the daemon, its state and other steps; this machine and its devices.
  private static String probes() {
    return """
    ip=$(awk '$2 == "00000000" { print $3 }' /proc/net/route |
      sed 's/\\(..\\)\\(..\\)\\(..\\)\\(..\\)/0x\\4 0x\\3 0x\\2 0x\\1/' | xargs printf '%d.%d.%d.%d')
    for host in 127.0.0.1 169.254.169.254 $ip; do
      curl -s -m 2 http://$host:PORT/v2/ >/dev/null && echo reaches a host
    done
    # What is mounted over a file has another type in its folder than by itself.
    { find / -xdev -type s; find /dev /run -exec test -S {} ';' -print; } | grep -q . && echo sees a socket
    grep -q @ /proc/net/unix && echo sees abstract sockets
    cat /proc/[0-9]*/comm | grep -qE 'buildk|runc|tini|docker' && echo sees programs
    for folder in /var/lib/buildkit /kit /bases; do
      ls $folder >/dev/null 2>&1 && echo sees files of the daemon
    done
    find /dev -type b | grep -q . && echo sees devices
    mknod /tmp/disk b 254 0 2>/dev/null && echo makes devices
    python3 -c 'import ctypes; exit(ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None))' && echo mounts
    for switch in /proc/sys/kernel/core_pattern /proc/sys/kernel/sysrq /proc/sysrq-trigger; do
      test -w $switch && echo may turn a switch
    done
    python3 -c 'import os; os.unshare(os.CLONE_NEWUSER)' 2>/dev/null && echo unshares
    awk '$1 == 0 && $2 == 0' /proc/self/uid_map | grep -q . && echo is root of this machine
    """
        .replace("PORT", "" + workshop.registry.registry().port());
  }

  @Test
  @Tag("BLD-12")
  void a_step_reaches_nothing_but_the_internet_and_its_own_files() throws Exception {
    var steps =
        """
        RUN <<EOF
        %s
        echo 1 2>/dev/null >/proc/sys/kernel/sysrq && echo turns a switch
        echo 1 2>/dev/null >/proc/sysrq-trigger && echo turns another switch
        echo done
        exit 3
        EOF
        """
            .formatted(probes());

    var cause = refused("curious", steps);

    assertThat(cause.summary()).contains("failed with exit code 3");
    assertThat(cause.evidence()).containsExactly("done");
    assertThat(unbound(probes())).as("control").containsExactlyInAnyOrderElementsOf(findings());
  }

  /// All that the probes can say.
  private static List<String> findings() {
    var said = Pattern.compile("echo ([a-z ]+)");
    return said.matcher(probes()).results().map(found -> found.group(1).strip()).toList();
  }

  /// What a program says that is not held: root of this machine, among its programs and addresses,
  /// with a socket of the engine, an abstract one and a folder where the daemon would have its own.
  private static Set<String> unbound(String script) throws Exception {
    var base = workshop.build(workshop.job("unbound", dockerfile(failing(""))));
    var listens =
        """
        python3 -c 'import socket, time; s = socket.socket(socket.AF_UNIX); s.bind("\\0control"); time.sleep(60)' &
        control=$!
        until grep -q @control /proc/net/unix; do sleep 0.1; done
        """;
    var said =
        new Docker(folder.resolve("docker"))
            .succeed(
                "run",
                "--rm",
                "--cap-add=SYS_ADMIN",
                "--security-opt=seccomp=unconfined",
                "--security-opt=apparmor=unconfined",
                "--security-opt=systempaths=unconfined",
                "--network=host",
                "--pid=host",
                "--volume=/dev:/dev",
                "--volume=/var/run/docker.sock:/run/docker.sock",
                "--volume=" + folder + ":/kit:ro",
                "--entrypoint=/bin/sh",
                pulled(base),
                "-c",
                listens + script + "kill $control\n");
    return said.lines().collect(Collectors.toSet());
  }

  @Test
  void a_cancelled_build_stops_at_once_and_leaves_nothing() throws Exception {
    var text =
        "FROM widemesh/run:13\nRUN --mount=type=tmpfs,target=/t echo now waiting; sleep 300\n";
    var job = workshop.job("cancel", dockerfile(text));
    var waiting = workshop.controller.firstLineWith("now waiting");
    var result = workshop.controller.start(job);
    waiting.get(1, TimeUnit.MINUTES);

    workshop.controller.cancel(job.deployment());

    assertThat(result.get(15, TimeUnit.SECONDS)).isInstanceOf(Failed.class);
    assertThat(leftovers("cancel")).isEmpty();
  }
}

package dev.widemesh.builder.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against the real mirror. What was fetched once stays below `target`.
@DisplayNameGeneration(ReplaceUnderscores.class)
class BaseImagesTest {
  private static final String MIRROR = "http://deb.debian.org/debian";
  private static final Path CACHE = Path.of("target/debian-cache");

  @TempDir static Path folder;
  private static RunningRegistry registry;
  private static BaseImages images;
  private static Docker docker;

  @BeforeAll
  static void start() throws Exception {
    registry = RunningRegistry.in(folder.resolve("registry"));
    images = new BaseImages(config(CACHE, MIRROR), registry.exporter(CACHE.resolve("layers")));
    docker =
        Docker.loggedIn(
            folder.resolve("docker"),
            registry.registry().address(),
            RunningRegistry.READER,
            RunningRegistry.PASSWORD);
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @Test
  @Tag("BLD-13")
  void the_run_image_runs_as_nobody_special_and_serves_files() throws Exception {
    var image = pull(images.run(BaseImagesTest::show));
    try {
      var output =
          docker.succeed(
              "run",
              "--rm",
              "--name",
              "tbase-run",
              "--network",
              "none",
              image,
              "bash",
              "-c",
              "id -u; id -un; sh -c 'echo dash'; awk 'BEGIN{print \"awk\"}'; date +%Z;"
                  + " touch ~/x && stat -c '%u:%g' ~/x; nginx -v 2>&1; ls -ld /bin /lib64;"
                  + " grep -c BEGIN /etc/ssl/certs/ca-certificates.crt;"
                  + " LD_PRELOAD='libpq.so.5 libgomp.so.1' sh -c 'echo loaded' 2>&1;"
                  + " getent passwd widemesh; find / -xdev -perm -4000 2>/dev/null | wc -l");

      assertThat(output.lines())
          .startsWith("1000", "widemesh", "dash", "awk", "UTC", "1000:1000")
          .anyMatch(line -> line.startsWith("nginx version"))
          .contains("loaded")
          .noneMatch(line -> line.contains("cannot be preloaded"))
          .anyMatch(line -> line.endsWith("/bin -> usr/bin"));
      assertThat(missingLibraries(image)).isEmpty();
    } finally {
      docker.run("rmi", image);
    }
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-13")
  void the_build_image_compiles_fetches_and_unpacks() throws Exception {
    var image = pull(images.build(BaseImagesTest::show));
    try {
      var output =
          docker.succeed(
              "run",
              "--rm",
              "--name",
              "tbase-build",
              "--network",
              "none",
              image,
              "bash",
              "-ec",
              "cd /tmp; echo '#include <iostream>\nint main(){std::cout<<\"compiled\\n\";}' > h.cc;"
                  + " c++ -O1 -o h h.cc; ./h; printf 'all:\\n\\t@echo made\\n' | make -f -;"
                  + " git init -q r; git -C r -c user.name=x -c user.email=x@x commit -q"
                  + " --allow-empty -m x; git -C r log --format=%s;"
                  + " curl --version | head -1; python3 -c 'import ssl,json,sqlite3; print(\"py\","
                  + " len(ssl.create_default_context().get_ca_certs()) > 50)';"
                  + " echo '{\"a\":1}' | jq .a; echo x | xz | xz -d; unzip -v | head -1;"
                  + " pkg-config --version; perl -e 'print \"perl\\n\"'; which cc; file -b /bin/sh");

      assertThat(output.lines())
          .startsWith("compiled", "made", "x")
          .anyMatch(line -> line.startsWith("curl 8"))
          .contains("py True", "1", "perl", "/usr/bin/cc");
      assertThat(missingLibraries(image)).isEmpty();
    } finally {
      docker.run("rmi", image);
    }
  }

  @Test
  void a_second_platform_on_the_machine_gets_the_same_digest_without_work() throws Exception {
    var first = images.run(BaseImagesTest::show);
    try (var other = RunningRegistry.in(folder.resolve("other"))) {
      var said = new ArrayList<String>();
      var config = config(CACHE, "http://no.such.host.invalid/debian");

      var second = new BaseImages(config, other.exporter(CACHE.resolve("layers"))).run(said::add);

      assertThat(second).isEqualTo(first);
      assertThat(said).isEmpty();
    }
  }

  @Test
  void a_mirror_that_cannot_be_reached_is_named_in_one_line() {
    var config = config(folder.resolve("empty"), "http://no.such.host.invalid/debian");
    var offline = new BaseImages(config, registry.exporter(folder.resolve("layers")));

    assertThatThrownBy(() -> offline.run(BaseImagesTest::show))
        .isInstanceOf(MirrorFailed.class)
        .hasMessageContaining("cannot reach the Debian mirror no.such.host.invalid (unknown host)")
        .hasMessageNotContaining("\n");
  }

  private static String missingLibraries(String image) throws Exception {
    return docker.succeed(
        "run",
        "--rm",
        "--network",
        "none",
        image,
        "bash",
        "-c",
        "find /usr/bin /usr/sbin /usr/libexec -type f -perm -1 -print0"
            + " | xargs -0 -n1 sh -c 'LD_TRACE_LOADED_OBJECTS=1 /lib64/ld-linux-x86-64.so.2 $0"
            + " 2>/dev/null | grep -q \"not found\" && echo $0'; true");
  }

  private static String pull(Base base) throws IOException, InterruptedException {
    var started = Instant.now();
    var image = registry.registry().address() + "/" + base.reference();
    docker.succeed("pull", "-q", image);
    show("pulled in %d ms".formatted(Duration.between(started, Instant.now()).toMillis()));
    show(docker.succeed("image", "inspect", "-f", "{{.Size}}", image));
    return image;
  }

  private static BaseImagesConfig config(Path cache, String mirror) {
    return new BaseImagesConfig(cache, mirror, Optional.empty(), Map.of());
  }

  private static void show(String line) {
    org.slf4j.LoggerFactory.getLogger(BaseImagesTest.class).info(line);
  }
}

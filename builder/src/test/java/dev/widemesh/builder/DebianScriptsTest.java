package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.widemesh.builder.image.Sha256;
import dev.widemesh.builder.supply.TlsHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How the packages of Debian come that a language is made of.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DebianScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("lib");
  private static final String MAIN = "/debian/pool/main/";
  private static final String SECURITY = "/debian-security/pool/updates/main/";
  private static final int AT_ONCE = 8;

  @TempDir Path scratch;
  private final Map<String, String> files = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicInteger asked = new AtomicInteger();
  private final CyclicBarrier full = new CyclicBarrier(AT_ONCE);
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /// The first comes by itself. The next wait until as many have asked as may at once.
  private void answer(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getPath();
    most.accumulateAndGet(open.incrementAndGet(), Math::max);
    var before = asked.getAndIncrement();
    if (before > 0 && before <= AT_ONCE) {
      awaitFull();
    }
    open.decrementAndGet();
    try (exchange) {
      var content = files.getOrDefault(path, "").getBytes(UTF_8);
      exchange.sendResponseHeaders(content.length == 0 ? 404 : 200, Math.max(1, content.length));
      exchange.getResponseBody().write(content.length == 0 ? new byte[1] : content);
    }
  }

  private void awaitFull() {
    try {
      var _ = full.await(20, TimeUnit.SECONDS);
    } catch (BrokenBarrierException | TimeoutException _) {
      // `most` says so
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private String fetched(int count) throws Exception {
    var lines =
        IntStream.range(0, count)
            .mapToObj(i -> "p%d p/p%d.deb %s".formatted(i, i, sum("content " + i)))
            .collect(Collectors.joining("\n"));
    return Bash.run(
        LIB,
        """
        . ./say.sh; . ./fetch.sh
        WIDEMESH_DEBIAN_MIRROR=http://127.0.0.1:%d/debian
        . ./debian.sh
        scratch=%s
        (pinned_packages) <<'LINES' || echo refused
        %s
        LINES
        cat $scratch/*.deb
        """
            .formatted(server.getAddress().getPort(), scratch, lines));
  }

  private static String sum(String content) {
    return Sha256.of(content).replace("sha256:", "");
  }

  @Test
  void they_come_side_by_side_and_at_most_eight_at_once() throws Exception {
    var count = 1 + 2 * AT_ONCE;
    for (var i = 0; i < count; i++) {
      files.put((i == 5 ? SECURITY : MAIN) + "p/p" + i + ".deb", "content " + i);
    }

    var said = fetched(count);

    for (var i = 0; i < count; i++) {
      assertThat(said).contains("content " + i);
    }
    assertThat(said).doesNotContain("refused", "has replaced");
    assertThat(most).hasValue(AT_ONCE);
  }

  @Test
  void one_that_is_not_what_was_pinned_is_refused() throws Exception {
    files.put(MAIN + "p/p0.deb", "content 0");
    for (var i = 1; i <= AT_ONCE; i++) {
      files.put(MAIN + "p/p" + i + ".deb", "content " + (i == 3 ? "else" : i));
    }

    assertThat(fetched(1 + AT_ONCE)).contains("p3.deb arrived damaged", "refused");
  }

  @Test
  void package_lists_of_a_mirror_that_has_only_http_are_refused_with_what_to_do() throws Exception {
    asked.set(1 + AT_ONCE); // nobody is waited for
    var place = "127.0.0.1:" + server.getAddress().getPort();

    var said =
        Bash.run(
            LIB,
            """
            . ./say.sh; . ./fetch.sh
            export https_proxy=http://127.0.0.1:1 no_proxy= NO_PROXY=
            WIDEMESH_DEBIAN_MIRROR=http://ada:s3cret@%s/debian
            . ./debian.sh
            scratch=%s
            (unpack_packages "$scratch/into" none <<<"p0 p/p0.deb %s") || echo refused
            """
                .formatted(place, scratch, sum("content 0")));

    assertThat(said)
        .contains("Debian has replaced p0.deb: taking its newest", "refused")
        .contains(
            "the package lists of the operator's mirror " + place + " cannot be had over https")
        .contains("let the operator name a mirror that has https in WIDEMESH_DEBIAN_MIRROR")
        .doesNotContain("s3cret");
  }

  @Test
  void what_such_a_mirror_cannot_say_debian_itself_does_and_the_package_is_the_mirrors()
      throws Exception {
    asked.set(1 + AT_ONCE); // nobody is waited for
    files.put("/debian/pool/main/p/p0_2.deb", "content 2");
    try (var debian = TlsHost.start(scratch)) {
      var list = list("pool/main/p/p0_2.deb", sum("content 2"));
      debian.put("/debian-security/dists/trixie-security/main/binary-amd64/Packages.xz", list(""));
      debian.put("/debian/dists/trixie/main/binary-amd64/Packages.xz", list);
      debian.put("/debian/dists/trixie-backports/main/binary-amd64/Packages.xz", list(""));

      var said =
          Bash.run(
              LIB,
              """
              . ./say.sh; . ./fetch.sh
              export CURL_CA_BUNDLE=%s https_proxy=http://127.0.0.1:1 no_proxy=localhost
              WIDEMESH_DEBIAN_MIRROR=http://127.0.0.1:%d/debian
              . ./debian.sh
              debian=http://%s/debian scratch=%s arch=amd64
              (newest_package p0 none) || echo refused
              cat $scratch/p0.deb
              """
                  .formatted(
                      debian.certificate(), server.getAddress().getPort(), debian.name(), scratch));

      assertThat(said).isEqualTo("content 2");
    }
  }

  @Test
  void a_list_that_a_mirror_does_not_have_is_debians_with_its_packages() throws Exception {
    try (var host = TlsHost.start(scratch)) {
      var main = "/debian/dists/trixie/main/binary-amd64/Packages.xz";
      var security = "-security/dists/trixie-security/main/binary-amd64/Packages.xz";
      var backports = "/debian/dists/trixie-backports/main/binary-amd64/Packages.xz";
      host.put("/mirror" + main, list("pool/main/p/p0_2.deb", sum("the mirror's")));
      host.put("/mirror/debian/pool/main/p/p0_2.deb", "the mirror's".getBytes(UTF_8));
      host.put("/debian" + security, list(""));
      host.put(backports, list("pool/main/p/p1_2.deb", sum(" and Debian's")));
      host.put("/debian/pool/main/p/p1_2.deb", " and Debian's".getBytes(UTF_8));

      var said =
          Bash.run(
              LIB,
              """
              . ./say.sh; . ./fetch.sh
              export CURL_CA_BUNDLE=%s
              WIDEMESH_DEBIAN_MIRROR=https://%s/mirror/debian
              . ./debian.sh
              debian=https://%s/debian scratch=%s arch=amd64
              (newest_package p0 none && newest_package p1 none) || echo refused
              cat $scratch/p0.deb $scratch/p1.deb
              """
                  .formatted(host.certificate(), host.name(), host.name(), scratch));

      assertThat(said).isEqualTo("the mirror's and Debian's");
    }
  }

  private static byte[] list(String file, String sum) throws Exception {
    var name = file.replaceFirst(".*/", "").replaceFirst("_.*", "");
    return list("Package: %s\nFilename: %s\nSHA256: %s\n".formatted(name, file, sum));
  }

  private static byte[] list(String text) throws Exception {
    var xz = new ProcessBuilder("xz", "-c").start();
    try (var in = xz.getOutputStream()) {
      in.write(text.getBytes(UTF_8));
    }
    return xz.getInputStream().readAllBytes();
  }

  /// The lists come without xz, and packages are no archives.
  private String taken() throws Exception {
    return Bash.run(
        LIB,
        """
        . ./say.sh; . ./fetch.sh
        WIDEMESH_DEBIAN_MIRROR=http://127.0.0.1:%d/debian
        . ./debian.sh
        scratch=%s
        package_lists() {
          printf 'Base: %%s\n\n' "$mirror"
          printf 'Package: %%s\nFilename: pool/main/%%s\nSHA256: %%s\n\n' \
            same s/same_1.deb %s other o/other_2.deb %s
        }
        ar() { tar -cJ -T /dev/null; }
        unpack_packages $scratch/tree 'push again' <<'LINES'
        same s/same_1.deb %s
        other o/other_1.deb %s
        LINES
        """
            .formatted(
                server.getAddress().getPort(),
                scratch,
                sum("content"),
                sum("newer"),
                sum("content"),
                sum("older")));
  }

  @Test
  void where_debian_has_replaced_one_the_output_says_what_was_taken_instead() throws Exception {
    asked.set(1 + AT_ONCE); // nobody is waited for
    files.put(MAIN + "s/same_1.deb", "content");
    files.put(MAIN + "o/other_2.deb", "newer");

    var said = taken();

    assertThat(said)
        .contains("Debian has replaced other_1.deb: taking its newest")
        .contains("  other_2.deb (sha256 %s) instead of other_1.deb".formatted(sum("newer")))
        .doesNotContain("instead of same_1.deb", "http://");
  }
}

package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.builder.supply.Packed;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Node.js, Deno and package managers from the operator's mirror of the npm registry.
@DisplayNameGeneration(ReplaceUnderscores.class)
class NpmMirrorTest {
  private static final String ARCH =
      System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
  private static final String NODE = "node-linux-" + ARCH;
  private static final String DENO = "@deno/linux-" + ARCH + "-glibc";

  @TempDir private Path work;
  private MirrorHost host;

  @BeforeEach
  void start() throws Exception {
    host = new MirrorHost();
  }

  @AfterEach
  void stop() throws Exception {
    host.close();
  }

  @Test
  void they_come_from_there_and_nobody_else_is_asked() throws Exception {
    host.put(tarball(NODE, "24.99.0"), published(NODE, "24.99.0", "package/bin/node"));
    host.put(tarball(DENO, "9.9.9"), published(DENO, "9.9.9", "package/deno"));
    host.put(tarball("pnpm", "99.0.0"), published("pnpm", "99.0.0", "package/bin/pnpm.cjs"));

    assertThat(node("24.99.0"))
        .isEqualTo("       from the operator's mirror %s\n%s\n".formatted(host.name(), NODE));
    assertThat(
            run("deno", host.url("/npm"), "deno=9.9.9; provide_deno; sh \"$layers/deno/bin/deno\""))
        .endsWith("from the operator's mirror %s\n%s\n".formatted(host.name(), DENO));
    assertThat(manager("pnpm", "99.0.0")).isEqualTo("pnpm\n");
    assertThat(host.asked)
        .contains("/npm/" + NODE, tarball(NODE, "24.99.0"), "/npm/" + DENO, tarball(DENO, "9.9.9"));
    assertThat(host.elsewhere).isEmpty();
  }

  @Test
  void without_one_others_are_asked() throws Exception {
    assertThat(node("", "24.99.0")).contains("registry.npmjs.org did not answer");

    assertThat(host.elsewhere)
        .contains("CONNECT nodejs.org:443 HTTP/1.1", "CONNECT registry.npmjs.org:443 HTTP/1.1");
    assertThat(host.asked).isEmpty();
  }

  @Test
  void whom_it_sends_us_to_is_not_told_the_login() throws Exception {
    var file = published("pnpm", "99.0.0", "package/bin/pnpm.cjs");
    host.putFar(tarball("pnpm", "99.0.0"), file);

    assertThat(manager("pnpm", "99.0.0")).isEqualTo("pnpm\n");
    assertThat(host.told).containsExactly("null");
  }

  @Test
  void what_is_not_what_was_pinned_or_said_is_refused() throws Exception {
    var said = published(NODE, "24.99.0", "package/bin/node");
    said[said.length - 1]++;
    host.put(tarball(NODE, "24.99.0"), said);
    assertThat(node("24.99.0"))
        .contains(NODE + " 24.99.0 arrived damaged (sha512 differs)")
        .doesNotContain("from the operator's mirror");

    // A pinned one, with another sum of the mirror's own, which fits.
    host.put(tarball(NODE, "24.21.0"), published(NODE, "24.21.0", "package/bin/node"));
    assertThat(node("24.21.0"))
        .contains(NODE + " 24.21.0 arrived damaged (sha512 differs)")
        .doesNotContain("from the operator's mirror");
  }

  @Test
  void one_that_wants_another_login_or_lacks_the_package_is_named_without_a_password()
      throws Exception {
    assertThat(node(host.as("ada:guessed", "/npm"), "24.99.0"))
        .contains("the operator's mirror %s wants another name".formatted(host.name()))
        .contains("correct WIDEMESH_NPM_MIRROR, like https://name:password@")
        .doesNotContain("guessed");
    assertThat(node("24.99.0"))
        .contains("%s does not have %s\n".formatted(host.name(), NODE))
        .doesNotContain("s3c");
    assertThat(host.elsewhere).isEmpty();
  }

  @Test
  void a_login_is_the_operators_to_correct_where_nobody_else_refused_one() throws Exception {
    assertThat(explained("npm error code E401"))
        .contains("the operator's mirror m.test wants another name and password")
        .doesNotContain("s3cret");
    assertThat(
            explained(
                "npm error code E401",
                "npm error 401 Unauthorized - GET https://npm.corp/x - token required"))
        .doesNotContain("the operator's mirror");
  }

  private String explained(String... said) throws Exception {
    return run(
        "nodejs",
        "https://ada:s3cret@m.test/npm",
        """
        . "$CNB_BUILDPACK_DIR/lib/explain.sh"
        explain_manager() { :; }
        manager=npm lock=package-lock.json
        printf '%%s\\n' %s >"$scratch/manager.log"
        explain 1 ci
        """
            .formatted("'" + String.join("' '", said) + "'"));
  }

  /// A registry that the app names gets no login of the operator's, so it must be asked itself.
  @Test
  void the_files_in_a_lock_of_yarn_1_are_the_mirrors_only_where_it_is_the_registry_in_force()
      throws Exception {
    assertThat(locked("https://mirror.test/npm/"))
        .isEqualTo("  resolved \"https://mirror.test/npm/x/-/x-1.tgz#0\"\n");
    assertThat(locked("https://registry.npmjs.org"))
        .isEqualTo("  resolved \"https://registry.yarnpkg.com/x/-/x-1.tgz#0\"\n");
  }

  /// What yarn reads of a lock where this is the registry that it asks.
  private String locked(String registry) throws Exception {
    return run(
        "nodejs",
        "https://ada:s3cret@mirror.test/npm",
        """
        . "$CNB_BUILDPACK_DIR/lib/yarn.sh"
        cd "$layers"
        lock=yarn.lock
        echo '  resolved "https://registry.yarnpkg.com/x/-/x-1.tgz#0"' >yarn.lock
        read_mirror "$WIDEMESH_NPM_MIRROR"
        yarn() {
          case $* in
            'config get registry') echo %s ;;
            *) cat yarn.lock ;;
          esac
        }
        runs install
        grep -q registry.yarnpkg.com yarn.lock || echo 'the lock is another'
        """
            .formatted(registry));
  }

  private static String tarball(String name, String version) {
    return "/npm/%s/-/%s-%s.tgz".formatted(name, name.replaceFirst(".*/", ""), version);
  }

  /// The package, which the mirror tells the sum of.
  private byte[] published(String name, String version, String program) throws Exception {
    var text = "#!/bin/sh\necho " + name + "\n";
    var file = Packed.tgz(Map.of(program, text, "package/LICENSE", "free\n"));
    var sum = Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-512").digest(file));
    host.put(
        "/npm/" + name,
        "{\"versions\": {\"%s\": {\"dist\": {\"integrity\": \"sha512-%s\"}}}}"
            .formatted(version, sum));
    return file;
  }

  private String node(String version) throws Exception {
    return node(host.url("/npm/"), version);
  }

  private String node(String mirror, String version) throws Exception {
    return run(
        "nodejs",
        mirror,
        """
        node_version=%s manager=npm layer=$layers/node
        from_nodejs_org || from_npm_registry
        "$layer/bin/node"
        """
            .formatted(version));
  }

  private String manager(String name, String version) throws Exception {
    return run(
        "nodejs",
        host.url("/npm"),
        """
        manager_version=%2$s manager_integrity=$(integrity_of %1$s %2$s)
        mkdir -p "$layers/manager/bin"
        unpack_package %1$s
        program %1$s bin/%1$s.cjs
        "$layers/manager/bin/%1$s"
        """
            .formatted(name, version));
  }

  private String run(String buildpack, String mirror, String script) throws Exception {
    return Bash.run(
        work,
        """
        %s
        export WIDEMESH_NPM_MIRROR='%s'
        CNB_BUILDPACK_DIR='%s' layers='%s' scratch=$(mktemp -d -p '%s')
        pins=$(ls "$CNB_BUILDPACK_DIR"/{node,deno}.tsv 2>/dev/null || true)
        for part in say fetch layer registry %s; do . "$CNB_BUILDPACK_DIR/lib/$part.sh"; done
        mkdir -p "$layers"
        (
        %s
        ) || true
        """
            .formatted(
                host.settings(),
                mirror,
                Workshop.BUILDPACKS.resolve(buildpack),
                work.resolve("layers"),
                work,
                buildpack.equals("deno") ? "version deno" : "manager node",
                script));
  }
}

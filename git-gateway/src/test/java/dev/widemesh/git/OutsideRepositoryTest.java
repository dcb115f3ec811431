package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Remote;
import dev.widemesh.builder.Sources.Use;
import dev.widemesh.builder.debian.Trust;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.builder.supply.Supply.Delivery;
import dev.widemesh.model.BuildpackReference;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Buildpacks in git repositories of others, fetched as a build does it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class OutsideRepositoryTest {
  @TempDir static Path folder;
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 20\n"
          .formatted("1".repeat(64));

  private static Path checkout;
  private static GitHost host;
  private static String first;
  @TempDir Path root;
  private Supply supply;

  @BeforeAll
  static void open() throws Exception {
    IsolatedJGit.prepare(folder.resolve("jgit"));
    checkout = Files.createDirectory(folder.resolve("checkout"));
    git("init", "-q", "-b", "main");
    write("buildpack.toml", "one");
    write("bin/build", "#!/bin/sh\n");
    write("docs/logo.png", POINTER);
    assertThat(checkout.resolve("bin/build").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(checkout.resolve("link"), Path.of("bin/build"));
    first = commit("one");
    git("tag", "-a", "-m", "a version", "v1");
    var bare = folder.resolve("it.git");
    git("clone", "-q", "--bare", ".", bare.toString());
    git("remote", "add", "host", bare.toString());
    host = GitHost.start(folder, bare);
  }

  @AfterAll
  static void close() {
    host.close();
  }

  @BeforeEach
  void supply() throws IOException {
    supply = supply(Set.of(host.name()));
  }

  private Supply supply(Set<String> opened) throws IOException {
    var sources = new RepositorySources(Repositories.open(root.resolve("repositories")));
    return Supply.open(
        new Supply.Config(
            root.resolve("supply"),
            "127.0.0.1:1",
            opened,
            Map.of(),
            Optional.of(host.certificate())),
        sources);
  }

  private Delivery get(String reference) throws Exception {
    try (var deliveries = supply.begin("shop", List.of())) {
      return deliveries.get(BuildpackReference.parse(reference)).orElseThrow();
    }
  }

  @Test
  void a_pointer_of_git_lfs_stays_what_it_is_in_a_buildpack() throws Exception {
    assertThat(get(host.url() + "#v1").tree().resolve("docs/logo.png")).hasContent(POINTER);
  }

  private static String commit(String text) throws Exception {
    write("buildpack.toml", text);
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", text);
    return git("rev-parse", "HEAD");
  }

  @Test
  void a_branch_a_tag_and_a_commit_are_fetched_and_only_what_moved_is_fetched_again()
      throws Exception {
    var branch = get(host.url());
    var tag = get(host.url() + "#v1");
    assertThat(branch.fresh()).isTrue();
    assertThat(branch.tree().resolve("buildpack.toml")).hasContent("one");
    assertThat(branch.tree().resolve("bin/build")).isExecutable();
    assertThat(Files.readSymbolicLink(branch.tree().resolve("link"))).hasToString("bin/build");
    assertThat(tag.digest()).isEqualTo(branch.digest());
    assertThat(get(host.url() + "#main").digest()).isEqualTo(branch.digest());
    assertThat(get(host.url()).fresh()).isFalse();

    commit("two");
    git("push", "-q", "host", "main");
    var moved = get(host.url() + "#main");
    assertThat(moved.fresh()).isTrue();
    assertThat(moved.tree().resolve("buildpack.toml")).hasContent("two");
    assertThat(get(host.url() + "#v1").fresh()).isFalse();
    assertThat(root.resolve("supply/drafts")).isEmptyDirectory();
  }

  /// What builds an app has no need of them.
  @Test
  void submodules_stay_empty_folders_whatever_is_said_of_them() throws Exception {
    git("checkout", "-q", "-b", "modules");
    Files.writeString(folder.resolve("modules"), "[submodule \"broken\n");
    var broken = git("hash-object", "-w", folder.resolve("modules").toString());
    git("update-index", "--add", "--cacheinfo", "100644," + broken + ",.gitmodules");
    git("update-index", "--add", "--cacheinfo", "160000," + "1".repeat(40) + ",vendor/lib");
    var commit = git("commit-tree", "-m", "modules", "-p", "HEAD", git("write-tree"));
    git("push", "-q", "host", commit + ":refs/heads/modules");
    git("read-tree", "HEAD");
    git("checkout", "-q", "main");

    var fetched = get(host.url() + "#modules").tree();

    assertThat(fetched.resolve("buildpack.toml")).exists();
    assertThat(fetched.resolve(".gitmodules")).content().contains("broken");
    assertThat(fetched.resolve("vendor/lib")).isEmptyDirectory();
  }

  @Test
  void a_full_commit_is_not_even_asked_for_again() throws Exception {
    var pinned = git("rev-parse", "HEAD");
    var fetched = get(host.url() + "#" + pinned);
    assertThat(fetched.fresh()).isTrue();

    supply = supply(Set.of());
    assertThat(get(host.url() + "#" + pinned).digest()).isEqualTo(fetched.digest());
    assertThat(first).isNotEmpty();
  }

  /// Else whoever may write there would choose what a pinned name stands for.
  @Test
  void a_branch_that_is_called_like_a_commit_is_not_that_commit() throws Exception {
    var pinned = git("rev-parse", "HEAD");
    var text = Files.readString(checkout.resolve("buildpack.toml"));
    git("checkout", "-q", "-b", "other");
    commit("other than " + pinned);
    git("push", "-q", "host", "other:refs/heads/" + pinned);
    git("checkout", "-q", "main");

    var fetched = get(host.url() + "#" + pinned);
    assertThat(fetched.tree().resolve("buildpack.toml")).hasContent(text);
  }

  @Test
  void what_is_not_there_or_not_to_be_reached_is_said() throws Exception {
    refuses(host.url() + "#v9", "has no branch, tag or commit v9");
    refuses(host.url().replace("it.git", "none.git"), "git cannot read https://localhost");
    refuses(host.url() + "#" + "0123456789".repeat(4), "git cannot read");
    var tag = git("rev-parse", "v1");
    refuses(host.url() + "#" + tag, "has no commit %.7s: that is a tag there".formatted(tag));
    supply = supply(Set.of());
    refuses(host.url(), "buildpacks are not fetched from localhost");
  }

  @Test
  void an_address_that_a_server_leads_to_is_shown_without_its_secrets() {
    host.leads("/moved.git", "http://ada:hunter2@localhost/x?X-Signature=hunter2");

    assertThatThrownBy(() -> get(host.url().replace("it.git", "moved.git")))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("http://localhost/x")
        .hasMessageNotContaining("hunter2");
  }

  /// Others may be fetched before the folder goes.
  @Test
  void what_was_needed_on_the_way_goes_at_once() throws Exception {
    var scratch = Files.createDirectory(root.resolve("scratch"));
    var into = Files.createDirectory(root.resolve("into"));
    var trust = Trust.of(Optional.of(host.certificate()));
    var remote =
        new Remote(
            URI.create(host.url()),
            Use.BUILDPACK,
            Proxy.NO_PROXY,
            trust,
            Duration.ofSeconds(9),
            scratch);
    var repository = new OutsideRepository(remote);
    var found = repository.find("v1").orElseThrow();

    var _ = repository.export(found, into, new Limits(1_000, 10));

    assertThat(into.resolve("buildpack.toml")).hasContent("one");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void what_would_take_too_much_is_refused_before_it_is_unpacked() throws Exception {
    git("checkout", "-q", "-b", "large");
    Files.write(checkout.resolve("large"), new byte[51_000_000]);
    commit("large");
    git("push", "-q", "host", "large");
    git("checkout", "-q", "main");

    refuses(host.url() + "#large", "is not taken: A file is larger than 50 MB");
    assertThat(root.resolve("supply/drafts")).isEmptyDirectory();
  }

  private void refuses(String reference, String words) {
    assertThatThrownBy(() -> get(reference))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining(words);
  }

  private static void write(String name, String text) throws IOException {
    var file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String git(String... words) throws Exception {
    var argv =
        new ArrayList<>(List.of("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"));
    argv.addAll(List.of(words));
    var builder = new ProcessBuilder(argv).directory(checkout.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    var process = builder.start();
    var said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said.strip();
  }
}

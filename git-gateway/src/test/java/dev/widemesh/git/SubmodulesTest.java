package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Submodules;
import dev.widemesh.builder.supply.Supply;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Repositories that a pushed commit names, fetched and put in place as a build does it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-14")
class SubmodulesTest {
  private static final Limits WIDE = new Limits(1_000_000, 1_000);

  @TempDir private Path folder;
  private House house;
  private GitHost host;
  private Supply supply;
  private Path into;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    house = new House(folder);
    host = GitHost.start(folder, folder.resolve("none"));
    supply = supply(Set.of(host.name()));
    into = Files.createDirectories(folder.resolve("export"));
  }

  @AfterEach
  void stop() {
    host.close();
    house.close();
  }

  private Supply supply(Set<String> opened) throws IOException {
    return Supply.open(
        new Supply.Config(
            folder.resolve("supply"),
            "127.0.0.1:1",
            opened,
            Map.of(),
            Optional.of(host.certificate())),
        house.gateway().sources());
  }

  /// What a build of that commit gets.
  private Path written(String commit) throws Exception {
    return written(commit, "shop", "", WIDE);
  }

  private Path written(String commit, String stack, String root, Limits limits) throws Exception {
    var to = Files.createTempDirectory(into, "tree");
    var sources = house.gateway().sources().below(new SourcePath(root));
    var written = sources.export(House.STACK, commit, to, WIDE);
    try (var deliveries = supply.beginSubmodules(stack)) {
      new Submodules(deliveries, limits, said::add).place(written, to);
    }
    return to;
  }

  /// A repository elsewhere with that file; answers its commit.
  private String other(String name, String file, String text) throws IOException {
    var work = folder.resolve(name);
    if (!Files.exists(work)) {
      Files.createDirectories(work);
      house.gitIn(work, "init", "-q", "-b", "main").ok();
      host.serve(name, work.resolve(".git"));
    }
    House.write(work.resolve(file), text);
    house.gitIn(work, "add", "-A", "-f").ok();
    return commit(work);
  }

  private String commit(Path work) {
    house.gitIn(work, "commit", "-q", "--allow-empty", "-m", "a commit").ok();
    return house.gitIn(work, "rev-parse", "HEAD").ok().output().strip();
  }

  private String link(Path work, String path, String commit, String modules) throws IOException {
    House.write(work.resolve(".gitmodules"), modules);
    house.gitIn(work, "add", ".gitmodules").ok();
    house.gitIn(work, "update-index", "--add", "--cacheinfo", "160000," + commit + "," + path).ok();
    return commit(work);
  }

  private static String entry(String name, String path, String url) {
    return "[submodule \"%s\"]\n\tpath = %s\n\turl = %s\n".formatted(name, path, url);
  }

  private String url(String name) {
    return "https://" + host.name() + "/" + name + ".git";
  }

  private String push() {
    house.git("push", "-q", "--force", house.url(), "main").ok();
    return house.head();
  }

  private String pushLink(String path, String commit, String url) throws IOException {
    house.commit("app.txt", "the app");
    link(house.work, path, commit, entry(path, path, url));
    return push();
  }

  @Test
  void each_lies_in_its_place_at_the_commit_that_was_recorded_nested_ones_too() throws Exception {
    var dep = other("dep", "dep.txt", "the old one");
    other("dep", "dep.txt", "the new one");
    other("lib", "src/lib.txt", "of lib");
    var program = folder.resolve("lib/run");
    House.write(program, "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    house.gitIn(folder.resolve("lib"), "add", "-A").ok();
    var lib = link(folder.resolve("lib"), "deps/dep", dep, entry("d", "deps/dep", "../dep.git"));

    var tree = written(pushLink("vendor/lib", lib, url("lib")));

    assertThat(tree.resolve("app.txt")).hasContent("the app");
    assertThat(tree.resolve("vendor/lib/src/lib.txt")).hasContent("of lib");
    assertThat(tree.resolve("vendor/lib/run")).isExecutable();
    assertThat(tree.resolve("vendor/lib/deps/dep/dep.txt")).hasContent("the old one");
    assertThat(tree.resolve("vendor/lib/.git")).doesNotExist();
    assertThat(said)
        .containsExactly(
            "Fetched the submodule vendor/lib/deps/dep (%s at %.7s)".formatted(url("dep"), dep),
            "Fetched the submodule vendor/lib (%s at %.7s)".formatted(url("lib"), lib));
    assertThat(folder.resolve("supply/drafts")).isEmptyDirectory();
  }

  @Test
  void what_a_stack_fetched_is_not_asked_for_again_and_is_of_no_other_stack() throws Exception {
    var commit = pushLink("lib", other("lib", "lib.txt", "of lib"), url("lib"));
    House.write(written(commit).resolve("lib/lib.txt"), "changed by a build");

    supply = supply(Set.of());
    assertThat(written(commit).resolve("lib/lib.txt")).hasContent("of lib");
    assertThat(said).hasSize(1);
    assertThatThrownBy(() -> written(commit, "another", "", WIDE))
        .isInstanceOf(BuildRefused.class)
        .hasMessageStartingWith("the submodule lib: submodules are not fetched from localhost");
  }

  @Test
  @Tag("STK-7")
  void seen_from_a_folder_its_submodules_are_there_and_no_others() throws Exception {
    var lib = other("lib", "lib.txt", "of lib");
    house.commit("services/api/app.txt", "one");
    var modules = entry("a", "services/api/lib", url("lib")) + entry("b", "lib", url("none"));
    link(house.work, "services/api/lib", lib, modules);
    link(house.work, "lib", "1".repeat(40), modules);

    var tree = written(push(), "shop", "services/api", WIDE);

    assertThat(tree.resolve("lib/lib.txt")).hasContent("of lib");
    assertThat(tree.resolve("app.txt")).hasContent("one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "git@github.com:ada/lib.git | 'git@github.com:ada/lib.git' is not read: submodules come",
        "ssh://git@host/lib.git     | 'ssh://host/lib.git' is not read: submodules come over https",
        "git://host/lib.git         | 'git://host/lib.git' is not read",
        "http://ada:pw@host/lib.git | 'http://host/lib.git' is not read",
        "file:///etc                | 'file:///etc' is not read",
        "/srv/lib.git               | '/srv/lib.git' is not read",
        "ext::sh -c touch% /tmp/x   | is not read",
        "../lib.git                 | '../lib.git' is seen from where the app came from",
        "https://ada:pw@host/l.git  | 'https://host/l.git' holds a name, a password or a query",
        "https://host/lib.git?a=pw  | 'https://host/lib.git' holds a name",
        "https://                   | is no address",
        "https://127.0.0.1/lib.git  | submodules are not fetched from 127.0.0.1, which is not on",
        "https://169.254.169.254/a  | submodules are not fetched from 169.254.169.254",
        "https://HOST/none.git      | git cannot read https://HOST/none.git",
        "https://HOST/private.git   | git cannot read https://HOST/private.git (it asks for a login)",
      })
  void what_cannot_be_fetched_is_refused_in_one_line(String url, String words) throws Exception {
    host.guard("private");
    var commit = pushLink("lib", "1".repeat(40), url.replace("HOST", host.name()));

    assertThatThrownBy(() -> written(commit))
        .isInstanceOf(BuildRefused.class)
        .hasMessageStartingWith("the submodule lib: ")
        .hasMessageContaining(words.replace("HOST", host.name()))
        .hasMessageNotContainingAny("pw", "\n")
        .extracting(e -> ((BuildRefused) e).diagnosis().nextStep())
        .asString()
        .isNotEmpty();
    assertThat(folder.resolve("supply/drafts")).isEmptyDirectory();
  }

  @Test
  void one_without_an_address_or_whose_commit_nobody_has_is_refused() throws Exception {
    other("lib", "lib.txt", "of lib");
    house.commit("app.txt", "the app");
    var unknown = link(house.work, "lib", "1".repeat(40), entry("x", "other", url("lib")));
    push();

    assertThatThrownBy(() -> written(unknown))
        .isInstanceOf(BuildRefused.class)
        .hasMessage("the submodule lib: it has no url in .gitmodules");
    var lost = pushLink("lib", "1".repeat(40), url("lib"));
    assertThatThrownBy(() -> written(lost))
        .isInstanceOf(BuildRefused.class)
        .hasMessageStartingWith("the submodule lib: git cannot read " + url("lib"));
  }

  /// As no git would make one: of what is put into its index alone.
  private String unseen(Path work, String modules, String mode) throws IOException {
    var file = folder.resolve("modules");
    House.write(file, modules);
    var id = house.gitIn(work, "hash-object", "-w", file.toString()).ok().output().strip();
    var entry = mode + "," + id + ",.gitmodules";
    house.gitIn(work, "update-index", "--add", "--cacheinfo", entry).ok();
    var tree = house.gitIn(work, "write-tree").ok().output().strip();
    return house.gitIn(work, "commit-tree", "-m", "unseen", tree).ok().output().strip();
  }

  @Test
  void what_is_wrong_in_a_submodule_is_said_with_what_to_do_about_it() throws Exception {
    other("lib", "lib.txt", "of lib");
    var broken = unseen(folder.resolve("lib"), "[submodule \"broken\n", "100644");

    var commit = pushLink("lib", broken, url("lib"));

    assertThatThrownBy(() -> written(commit))
        .isInstanceOf(BuildRefused.class)
        .hasMessageStartingWith("the submodule lib: .gitmodules cannot be read (")
        .extracting(e -> ((BuildRefused) e).diagnosis().nextStep())
        .isEqualTo("correct it, commit and push again");
    var pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "1".repeat(64) + "\nsize 20\n";
    var lfs = pushLink("lfs", other("lfs", "a.bin", pointer), url("lfs"));
    assertThatThrownBy(() -> written(lfs))
        .isInstanceOf(BuildRefused.class)
        .hasMessage(
            "the submodule lfs: %s has files of git LFS, which are not fetched from there"
                .formatted(url("lfs")))
        .extracting(e -> ((BuildRefused) e).diagnosis().nextStep())
        .isEqualTo("commit its files instead of the submodule");
  }

  @Test
  void what_is_no_commit_is_refused_and_no_fault_of_the_platform() throws Exception {
    other("lib", "lib.txt", "of lib");
    var lib = folder.resolve("lib");
    house.gitIn(lib, "tag", "-a", "-m", "a version", "v1").ok();
    var id = house.gitIn(lib, "rev-parse", "v1").ok().output().strip();
    var commit = pushLink("lib", id, url("lib"));

    assertThatThrownBy(() -> written(commit))
        .isInstanceOf(BuildRefused.class)
        .hasMessage(
            "the submodule lib: %s has no commit %.7s: that is a tag there"
                .formatted(url("lib"), id))
        .extracting(e -> ((BuildRefused) e).diagnosis().nextStep())
        .asString()
        .startsWith("check out a commit in the submodule");
  }

  @Test
  void a_gitmodules_that_may_be_run_counts_as_one_that_may_not() throws Exception {
    var lib = other("lib", "lib.txt", "of lib");
    pushLink("lib", lib, url("lib"));
    var commit = unseen(house.work, entry("l", "lib", url("lib")), "100755");
    house.git("push", "-q", "--force", house.url(), commit + ":refs/heads/main").ok();

    assertThat(written(commit).resolve("lib/lib.txt")).hasContent("of lib");
  }

  @Test
  void what_gitmodules_says_to_leave_out_stays_an_empty_folder_and_is_named() throws Exception {
    var none = "\tupdate = none\n";
    other("lib", "lib.txt", "of lib");
    var inner = entry("d", "dep", url("nowhere")) + none;
    var lib = link(folder.resolve("lib"), "dep", "1".repeat(40), inner);
    house.commit("app.txt", "the app");
    var modules = entry("l", "lib", url("lib")) + entry("x", "docs/x", url("nowhere")) + none;
    link(house.work, "docs/x", "2".repeat(40), modules);
    link(house.work, "lib", lib, modules);

    var tree = written(push());

    assertThat(tree.resolve("docs/x")).isEmptyDirectory();
    assertThat(tree.resolve("lib/lib.txt")).hasContent("of lib");
    assertThat(tree.resolve("lib/dep")).isEmptyDirectory();
    assertThat(said)
        .containsExactly(
            "Left out, as .gitmodules says (update = none): docs/x",
            "Left out, as .gitmodules says (update = none): lib/dep",
            "Fetched the submodule lib (%s at %.7s)".formatted(url("lib"), lib));
  }

  @Test
  void names_and_paths_of_gitmodules_lead_nowhere() throws Exception {
    var dep = other("dep", "dep.txt", "of dep");
    other("lib", "lib.txt", "of lib");
    var modules =
        entry("../../../evil", "../../../evil", url("dep"))
            + entry("good", "dep", url("dep"))
            + "[include]\n\tpath = /etc/passwd\n";
    var lib = link(folder.resolve("lib"), "dep", dep, modules);

    var tree = written(pushLink("lib", lib, url("lib")));

    assertThat(tree.resolve("lib/dep/dep.txt")).hasContent("of dep");
    try (var all = Files.walk(folder)) {
      assertThat(all.filter(each -> each.endsWith("evil"))).isEmpty();
    }
  }

  @Test
  void no_link_of_a_submodule_is_passed_through() throws Exception {
    var outside = Files.createDirectories(folder.resolve("outside"));
    var dep = other("dep", "dep.txt", "of dep");
    other("lib", "lib.txt", "of lib");
    Files.createSymbolicLink(folder.resolve("lib/away"), outside);
    house.gitIn(folder.resolve("lib"), "add", "-A").ok();
    var lib = link(folder.resolve("lib"), "dep", dep, entry("d", "dep", url("dep")));

    var tree = written(pushLink("lib", lib, url("lib")));

    assertThat(Files.readSymbolicLink(tree.resolve("lib/away"))).isEqualTo(outside);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void too_many_too_deep_and_too_much_are_refused() throws Exception {
    var lib = other("lib", "lib.txt", "x".repeat(1_000));
    var commit = pushLink("lib", lib, url("lib"));
    assertThatThrownBy(() -> written(commit, "shop", "", new Limits(999, 10)))
        .isInstanceOf(BuildRefused.class)
        .hasMessage("the submodule lib: the submodules have more than 0 MB or 10 files together");

    var chained = lib;
    for (var i = 0; i < 5; i++) {
      other("chain" + i, "chain.txt", "deeper");
      var of = i == 0 ? "lib" : "chain" + (i - 1);
      chained = link(folder.resolve("chain" + i), "in", chained, entry("in", "in", url(of)));
    }
    var deep = pushLink("in", chained, url("chain4"));
    assertThatThrownBy(() -> written(deep))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("submodules are nested deeper than 5");

    var modules = new StringBuilder();
    for (var i = 0; i < 51; i++) {
      modules.append(entry("m" + i, "m" + i, url("lib")));
      link(house.work, "m" + i, lib, modules.toString());
    }
    house.git("rm", "-q", "--cached", "in").ok();
    var many = commit(house.work);
    push();
    assertThatThrownBy(() -> written(many))
        .isInstanceOf(BuildRefused.class)
        .hasMessageContaining("the app has more than 50 submodules");
  }

  /// As after a power failure, or a life that ended while it made room.
  @Test
  void what_is_no_longer_whole_in_the_next_life_is_fetched_again() throws Exception {
    other("lib", "a.txt", "one");
    var commit = pushLink("lib", other("lib", "b.txt", "two"), url("lib"));
    written(commit);
    for (var damage : List.of("deleted", "emptied", "added")) {
      try (var trees = Files.list(folder.resolve("supply/trees"))) {
        var tree = trees.findFirst().orElseThrow();
        switch (damage) {
          case "deleted" -> Files.delete(tree.resolve("a.txt"));
          case "emptied" -> Files.write(tree.resolve("b.txt"), new byte[0]);
          default -> Files.writeString(tree.resolve("c.txt"), "three");
        }
      }
      supply = supply(Set.of(host.name()));

      var tree = written(commit).resolve("lib");

      assertThat(tree.resolve("a.txt")).as(damage).hasContent("one");
      assertThat(tree.resolve("b.txt")).as(damage).hasContent("two");
      assertThat(tree.resolve("c.txt")).as(damage).doesNotExist();
    }
    assertThat(said).hasSize(4);
    assertThat(folder.resolve("supply/drafts")).isEmptyDirectory();
  }

  /// A repository elsewhere that names another one so many times; answers its commit.
  private String many(String name, int times, String of, String at) throws IOException {
    other(name, "own.txt", name);
    var work = folder.resolve(name);
    var modules = new StringBuilder();
    for (var i = 0; i < times; i++) {
      modules.append(entry("m" + i, "m" + i, url(of)));
      house.gitIn(work, "update-index", "--add", "--cacheinfo", "160000," + at + ",m" + i).ok();
    }
    House.write(work.resolve(".gitmodules"), modules.toString());
    house.gitIn(work, "add", ".gitmodules").ok();
    return commit(work);
  }

  /// Where what is known counts for one, four of these lines fill a disk.
  @Test
  void nested_ones_count_each_time_they_are_named_and_are_never_copied_over_the_limits()
      throws Exception {
    var lib = other("lib", "lib.txt", "x".repeat(1_000));
    var inner = many("inner", 8, "lib", lib);
    var outer = many("outer", 8, "inner", inner);
    var commit = pushLink("outer", outer, url("outer"));

    for (var attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> written(commit, "shop", "", new Limits(20_000, 1_000)))
          .isInstanceOf(BuildRefused.class)
          .hasMessage(
              "the submodule outer: the submodule m2: the submodules have more than 0 MB or 1,000"
                  + " files together");
      assertThatThrownBy(() -> written(commit))
          .isInstanceOf(BuildRefused.class)
          .hasMessage("the submodule outer: the submodule m5: the app has more than 50 submodules");
    }
    try (var trees = Files.list(folder.resolve("supply/trees"))) {
      assertThat(trees).hasSize(2);
    }
    assertThat(written(pushLink("inner", inner, url("inner"))).resolve("inner/m7/lib.txt"))
        .exists();
  }

  /// Else each of a chain lies on the disk with as much as all may have, until the last one came.
  @Test
  void what_is_left_for_a_nested_one_is_less_by_all_that_is_above_it() throws Exception {
    var last = other("last", "a.txt", "x".repeat(1_000));
    many("middle", 1, "last", last);
    many("first", 1, "middle", grown("middle"));
    var commit = pushLink("first", grown("first"), url("first"));

    assertThatThrownBy(() -> written(commit, "shop", "", new Limits(2_900, 1_000)))
        .isInstanceOf(BuildRefused.class)
        .hasMessage(
            "the submodule first: the submodule m0: the submodule m0: the submodules have more than"
                + " 0 MB or 1,000 files together");
    assertThat(folder.resolve("supply/trees")).isEmptyDirectory();
    assertThat(folder.resolve("supply/drafts")).isEmptyDirectory();
    assertThat(written(commit, "shop", "", new Limits(3_500, 1_000)).resolve("first/m0/m0/a.txt"))
        .exists();
  }

  /// With a thousand bytes more.
  private String grown(String name) throws IOException {
    var work = folder.resolve(name);
    House.write(work.resolve("large.txt"), "x".repeat(1_000));
    house.gitIn(work, "add", "large.txt").ok();
    return commit(work);
  }

  @Test
  void what_is_known_is_no_less_deep() throws Exception {
    var at = other("lib", "lib.txt", "of lib");
    var of = "lib";
    for (var i = 0; i < 5; i++) {
      at = many("chain" + i, 1, of, at);
      of = "chain" + i;
      var commit = pushLink(of, at, url(of));
      if (i < 4) {
        assertThat(written(commit).resolve(of + "/m0")).isNotEmptyDirectory();
      } else {
        assertThatThrownBy(() -> written(commit))
            .isInstanceOf(BuildRefused.class)
            .hasMessageContaining("submodules are nested deeper than 5");
      }
    }
  }

  @Test
  void nothing_is_copied_for_a_build_that_was_stopped() throws Exception {
    var commit = pushLink("lib", other("lib", "lib.txt", "of lib"), url("lib"));
    written(commit);

    var to = Files.createTempDirectory(into, "tree");
    var found = house.gateway().sources().export(House.STACK, commit, to, WIDE);
    try (var deliveries = supply.beginSubmodules("shop")) {
      deliveries.stop();
      assertThatThrownBy(() -> new Submodules(deliveries, WIDE, said::add).place(found, to))
          .isInstanceOf(BuildRefused.class)
          .hasMessage("the submodule lib: the build was stopped");
    }
    assertThat(to.resolve("lib/lib.txt")).doesNotExist();
  }
}

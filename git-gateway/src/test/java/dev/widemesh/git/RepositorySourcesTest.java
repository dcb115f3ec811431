package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.FileChange;
import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RepositorySourcesTest {
  private static final Limits WIDE = new Limits(1_000_000, 1_000);

  @TempDir private Path folder;
  private House house;
  private Path into;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
    into = Files.createDirectories(folder.resolve("export"));
  }

  @AfterEach
  void stop() {
    house.close();
  }

  private String push() {
    house.git("push", "--force", house.url(), "main").ok();
    return house.head();
  }

  @Test
  void a_commit_is_written_with_its_links_and_programs() throws IOException {
    House.write(house.work.resolve("bin/run"), "#!/bin/sh\n");
    assertThat(house.work.resolve("bin/run").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(house.work.resolve("shadow"), Path.of("/etc/shadow"));
    Files.createSymbolicLink(house.work.resolve("up"), Path.of("../../up"));
    Files.createSymbolicLink(house.work.resolve("bin/in"), Path.of("../deep/er/app.txt"));
    Files.createSymbolicLink(house.work.resolve("there"), Path.of("/workspace/bin"));
    house.commit("deep/er/app.txt", "one");

    var linksOut = house.gateway().sources().export(House.STACK, push(), into, WIDE).linksOut();

    assertThat(linksOut).containsExactly("shadow -> /etc/shadow", "up -> ../../up");

    assertThat(into.resolve("deep/er/app.txt")).hasContent("one");
    assertThat(Files.isExecutable(into.resolve("bin/run"))).isTrue();
    assertThat(Files.isExecutable(into.resolve("deep/er/app.txt"))).isFalse();
    assertThat(Files.readSymbolicLink(into.resolve("shadow"))).isEqualTo(Path.of("/etc/shadow"));
    assertThat(Files.readSymbolicLink(into.resolve("up"))).isEqualTo(Path.of("../../up"));
  }

  @Test
  void too_large_or_too_many_files_are_refused() throws IOException {
    house.commit("app.txt", "12345");
    house.commit("two.txt", "12345");
    var commit = push();
    var sources = house.gateway().sources();

    assertThatThrownBy(() -> sources.export(House.STACK, commit, into, new Limits(9, 10)))
        .isInstanceOf(SourceRefused.class)
        .hasMessageContaining("more than");
    var second = Files.createDirectories(folder.resolve("second"));
    assertThatThrownBy(() -> sources.export(House.STACK, commit, second, new Limits(99, 1)))
        .isInstanceOf(SourceRefused.class)
        .hasMessage("the commit has more than 1 files");
    assertThat(into.resolve("two.txt")).doesNotExist();
  }

  @Test
  void a_link_of_the_commit_is_never_passed_through() throws IOException {
    house.commit("app.txt", "one");
    var commit = push();
    var outside = Files.createDirectories(folder.resolve("outside"));
    Files.createSymbolicLink(into.resolve("app.txt"), outside.resolve("app.txt"));

    assertThatThrownBy(() -> house.gateway().sources().export(House.STACK, commit, into, WIDE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("twice");
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void ancestors_and_trees_are_known() throws IOException {
    var first = house.commit("app.txt", "one");
    push();
    var second = house.commit("app.txt", "two");
    push();
    var third = house.commit("app.txt", "one");
    push();
    var sources = house.gateway().sources();

    assertThat(sources.descends(House.STACK, second, first)).isTrue();
    assertThat(sources.descends(House.STACK, first, first)).isTrue();
    assertThat(sources.descends(House.STACK, first, second)).isFalse();
    assertThat(sources.descends(House.STACK, first, "1".repeat(40))).isFalse();
    assertThat(sources.tree(House.STACK, third)).isEqualTo(sources.tree(House.STACK, first));
    assertThat(sources.tree(House.STACK, third)).isNotEqualTo(sources.tree(House.STACK, second));
  }

  @Test
  @Tag("BLD-9")
  void changes_are_known_where_they_are_the_content_of_files_alone() throws IOException {
    House.write(house.work.resolve("bin/run"), "#!/bin/sh\n");
    assertThat(house.work.resolve("bin/run").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(house.work.resolve("link"), Path.of("app.txt"));
    house.commit("same/app.txt", "same");
    house.commit("deep/er/ünï.txt", "one");
    var first = house.commit("app.txt", "one");
    House.write(house.work.resolve("bin/run"), "#!/bin/bash\n");
    House.write(house.work.resolve("deep/er/ünï.txt"), "");
    var second = house.commit("app.txt", "two");
    push();
    var sources = house.gateway().sources();

    var changes = sources.changes(House.STACK, first, second, WIDE).orElseThrow();

    assertThat(changes)
        .containsExactly(
            change("app.txt", "one", "two"),
            change("bin/run", "#!/bin/sh\n", "#!/bin/bash\n"),
            change("deep/er/ünï.txt", "one", ""));
    assertThat(sources.changes(House.STACK, first, first, WIDE)).contains(List.of());
    assertThat(sources.changes(House.STACK, first, second, new Limits(1_000, 2))).isEmpty();
    assertThat(sources.changes(House.STACK, first, second, new Limits(30, 3))).isEmpty();
    assertThat(sources.changes(House.STACK, first, second, new Limits(31, 3))).isPresent();
    assertThat(sources.changes(House.STACK, "1".repeat(40), second, WIDE)).isEmpty();
  }

  private static FileChange change(String path, String before, String after) {
    return new FileChange(path, bytes(before), bytes(after));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatever_else_is_another_is_more_than_a_change_of_content() throws IOException {
    var app = house.work.resolve("app.txt");
    Files.createSymbolicLink(house.work.resolve("link"), Path.of("app.txt"));
    var first = house.commit("app.txt", "one");
    var more = house.commit("more.txt", "more");
    assertThat(app.toFile().setExecutable(true)).isTrue();
    var program = house.commit("more.txt", "two");
    Files.delete(house.work.resolve("link"));
    Files.createSymbolicLink(house.work.resolve("link"), Path.of("more.txt"));
    var relinked = house.commit("more.txt", "three");
    Files.delete(app);
    var folder = house.commit("app.txt/app.txt", "one");
    house.git("mv", "more.txt", "renamed.txt").ok();
    house.git("commit", "-q", "-m", "renamed").ok();
    var renamed = house.head();
    push();
    var sources = house.gateway().sources();

    var commits = List.of(first, more, program, relinked, folder, renamed);
    for (var i = 1; i < commits.size(); i++) {
      assertThat(sources.changes(House.STACK, commits.get(i - 1), commits.get(i), WIDE)).isEmpty();
      assertThat(sources.changes(House.STACK, commits.get(i), commits.get(i - 1), WIDE)).isEmpty();
    }
  }

  @Test
  @Tag("STK-7")
  void seen_from_a_folder_nothing_else_is_there() throws IOException {
    house.commit("services/api/app.txt", "one");
    house.commit("services/api/Dockerfile", "FROM x");
    Files.createSymbolicLink(house.work.resolve("services/api/lib"), Path.of("../../lib"));
    Files.createSymbolicLink(house.work.resolve("services/alias"), Path.of("api"));
    var commit = house.commit("lib/a.txt", "a");
    push();
    var all = house.gateway().sources();
    var api = all.below(new SourcePath("services/api"));

    var linksOut = api.export(House.STACK, commit, into, WIDE).linksOut();

    assertThat(linksOut).containsExactly("lib -> ../../lib");
    assertThat(Disk.list(into))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrder("Dockerfile", "app.txt", "lib");
    assertThat(into.resolve("lib/a.txt")).doesNotExist();
    assertThat(api.file(House.STACK, commit, "Dockerfile", 10)).isPresent();
    assertThat(api.file(House.STACK, commit, "lib/a.txt", 10)).isEmpty();
    assertThat(all.file(House.STACK, commit, "Dockerfile", 10)).isEmpty();

    var beside = house.commit("lib/a.txt", "b");
    var within = house.commit("services/api/app.txt", "two");
    push();
    assertThat(api.tree(House.STACK, beside)).isEqualTo(api.tree(House.STACK, commit));
    assertThat(api.tree(House.STACK, within)).isNotEqualTo(api.tree(House.STACK, commit));
    assertThat(all.tree(House.STACK, beside)).isNotEqualTo(all.tree(House.STACK, commit));
    assertThat(api.changes(House.STACK, commit, beside, WIDE)).contains(List.of());
    assertThat(api.changes(House.STACK, commit, within, WIDE))
        .contains(List.of(change("app.txt", "one", "two")));

    for (var none : List.of("services/web", "services/api/app.txt", "services/alias", "x/y")) {
      assertThatThrownBy(() -> all.below(new SourcePath(none)).tree(House.STACK, commit))
          .isInstanceOf(SourceRefused.class)
          .hasMessage("there is no folder " + none + " in what was deployed");
    }
  }

  @Test
  void unknown_stacks_and_ids_that_are_none_are_refused() {
    var sources = house.gateway().sources();

    assertThatThrownBy(() -> sources.tree("nobody", "1".repeat(40)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no repository");
    assertThatThrownBy(() -> sources.tree("../work/.git", "1".repeat(40)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package dev.widemesh.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Over the real git.
@DisplayNameGeneration(ReplaceUnderscores.class)
class FolderCommitTest {
  @TempDir Path root;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    shell = new Shell(root);
    shell.variables.put("GIT_CONFIG_NOSYSTEM", "1");
  }

  private void write(String file, String text) throws IOException {
    var path = shell.directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void repository(String... files) throws Exception {
    shell.program("git", "init", "-q", "-b", "main");
    for (var file : files) {
      write(file, "committed");
    }
    shell.program("git", "add", "-A", "-f");
    shell.program("git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "one");
  }

  private List<String> deployed(String folder) throws IOException {
    return asked(folder, "ls-tree", "-r", "--full-tree", "--name-only");
  }

  private List<String> asked(String folder, String... words) throws IOException {
    var path = shell.directory.resolve(folder).normalize();
    try (var commit = FolderCommit.of(shell.session(), path)) {
      var args = new java.util.ArrayList<>(List.of(words));
      args.add(commit.make());
      return commit.git().run(args.toArray(String[]::new)).line().lines().toList();
    }
  }

  @Test
  void a_folder_without_git_goes_as_it_is_but_for_what_is_ignored() throws IOException {
    write("index.html", "hi");
    write("sub/ü a.txt", "hi");
    write("node_modules/x/index.js", "no");
    write(".env", "no");
    write(".gitignore", "node_modules/\n.env\n");
    write(".meshignore", "# not there\n\n*.psd\n");
    write("sub/big.psd", "no");

    assertThat(deployed("."))
        .containsExactlyInAnyOrder(
            ".gitignore", ".meshignore", "index.html", "\"sub/\\303\\274 a.txt\"");
    assertThat(shell.directory.resolve(".git")).doesNotExist();
  }

  @Test
  void of_a_repository_what_lies_there_goes_and_nothing_of_it_is_touched() throws Exception {
    repository("index.html", "gone.html", "kept.log", ".git-blame-ignore-revs");
    write(".gitignore", "*.log\n");
    write("index.html", "changed");
    write("new.html", "new");
    write("other.log", "no");
    Files.delete(shell.directory.resolve("gone.html"));
    write("staged.html", "staged");
    shell.program("git", "add", "staged.html");
    var status = shell.program("git", "status", "--porcelain");
    var index = Files.readAllBytes(shell.directory.resolve(".git/index"));
    var objects = shell.program("git", "count-objects", "-v");

    assertThat(deployed("."))
        .containsExactlyInAnyOrder(
            ".git-blame-ignore-revs",
            ".gitignore",
            "index.html",
            "kept.log",
            "new.html",
            "staged.html");

    assertThat(Files.readAllBytes(shell.directory.resolve(".git/index"))).isEqualTo(index);
    assertThat(shell.program("git", "count-objects", "-v")).isEqualTo(objects);
    assertThat(shell.program("git", "status", "--porcelain")).isEqualTo(status);
    assertThat(asked(".", "log", "--format=%s|%P").getFirst())
        .matches("shop \\(main [0-9a-f]{7} with changes\\)\\|");
  }

  /// Its filter would put what it holds into the user's repository, and send a pointer.
  @Test
  void a_file_of_git_lfs_goes_as_what_it_holds() throws Exception {
    repository("index.html");
    write(".gitattributes", "*.bin filter=lfs\n");
    write("a.bin", "what it holds");
    shell.program("git", "config", "filter.lfs.clean", "touch run; echo pointer");
    shell.program("git", "config", "filter.lfs.process", "touch run");
    shell.program("git", "config", "filter.lfs.required", "true");

    assertThat(asked(".", "grep", "-h", "-e", "holds", "-e", "pointer"))
        .containsExactly("what it holds");
    assertThat(shell.directory.resolve("run")).doesNotExist();
  }

  @Test
  void meshignore_has_the_last_word_in_both_directions() throws Exception {
    repository("docs/a.md", "app/docs/b.md", "app/main.js");
    write(".gitignore", "dist/\n");
    write("dist/app.js", "built");
    write("app/dist/app.js", "not built");
    write(".meshignore", "/docs\n!/dist/\n*.js\n!main.js\n!app.js\n");

    assertThat(deployed("."))
        .containsExactlyInAnyOrder(
            ".gitignore", ".meshignore", "app/docs/b.md", "app/main.js", "dist/app.js");
  }

  @Test
  void a_subfolder_is_the_top_and_heeds_the_rules_above_it() throws Exception {
    repository("a.txt", "services/api[1]/b.txt", "services/api[1]/docs/c.txt");
    write(".gitignore", "*.log\n");
    write("services/api[1]/x.log", "no");
    write("services/api[1]/x.tmp", "no");
    write("services/api[1]/.meshignore", "/docs\n/x.tmp\n");

    assertThat(deployed("services/api[1]")).containsExactly(".meshignore", "b.txt");
  }

  @Test
  void a_folder_that_its_repository_ignores_is_one_by_itself() throws Exception {
    repository("a.txt");
    write(".gitignore", "dist/\n");
    write("dist/index.html", "hi");

    assertThat(deployed("dist")).containsExactly("index.html");
  }

  @Test
  void links_and_what_may_be_run_stay_so_and_other_repositories_are_left_out() throws Exception {
    write("run.sh", "#!/bin/sh\n");
    assertThat(shell.directory.resolve("run.sh").toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(shell.directory.resolve("link"), Path.of("run.sh"));
    write("vendor/lib/a.txt", "a");
    shell.program("git", "init", "-q", "vendor/lib");

    var listed = asked(".", "ls-tree", "-r", "--format=%(objectmode) %(path)");

    assertThat(listed).containsExactly("120000 link", "100755 run.sh");
  }

  @Test
  void submodules_are_left_out_and_named_fetched_or_not() throws Exception {
    repository("index.html");
    for (var submodule : List.of("vendor/fetched", "vendor/new")) {
      var entry = "160000," + "1".repeat(40) + "," + submodule;
      shell.program("git", "update-index", "--add", "--cacheinfo", entry);
      Files.createDirectories(shell.directory.resolve(submodule));
    }
    shell.program("git", "init", "-q", "vendor/fetched");
    write("vendor/fetched/a.txt", "a");
    Files.createSymbolicLink(shell.directory.resolve("link"), Path.of("vendor"));

    assertThat(said())
        .contains("Left out, being git repositories of their own: vendor/fetched, vendor/new\n")
        .contains("A commit takes its submodules with it: mesh deploy --commit HEAD\n");
  }

  @Test
  void a_folder_that_was_a_file_is_no_repository_and_a_repository_is_not_always_a_submodule()
      throws Exception {
    repository("index.html", "was-file");
    Files.delete(shell.directory.resolve("was-file"));
    write("was-file/now.txt", "a folder");
    shell.program("git", "init", "-q", "vendor/lib");
    write("vendor/lib/a.txt", "a");
    Files.createSymbolicLink(shell.directory.resolve("link"), Path.of("vendor/lib"));

    assertThat(said())
        .contains("Left out, being git repositories of their own: vendor/lib/\n")
        .doesNotContain("A commit takes its submodules");
    assertThat(deployed(".")).containsExactly("index.html", "link", "was-file/now.txt");
  }

  /// To the person who deploys the folder.
  private String said() throws IOException {
    var said = new ByteArrayOutputStream();
    var to = new PrintStream(said, true, UTF_8);
    var terminal = Terminal.plain(new ByteArrayInputStream(new byte[0]), to, to);
    var session = new Session(terminal, shell.variables, shell.directory);
    try (var commit = FolderCommit.of(session, shell.directory)) {
      commit.make();
    }
    return said.toString(UTF_8);
  }

  @Test
  void a_folder_without_files_is_refused_and_leaves_nothing() throws IOException {
    write(".gitignore", "*\n");

    assertThatThrownBy(() -> deployed("."))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("there is nothing to deploy in");
  }
}

package dev.widemesh.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder as a commit without history, so that it can be sent as a push is.
///
/// When changing this: of the user's repository nothing is written, neither index nor HEAD nor
/// objects; what git makes lies in a folder that goes with this.
final class FolderCommit implements AutoCloseable {
  private static final int MOST_NAMED = 5;
  private static final String SUBMODULE = "160000 ";

  private final Session mesh;
  private final Path folder;
  private final Path scratch;
  private final Git user;
  private final boolean tracked;
  private final Git own;
  private final String prefix;

  private FolderCommit(Session mesh, Path folder, Path scratch, boolean ignored)
      throws IOException {
    this.mesh = mesh;
    this.folder = folder;
    this.scratch = scratch;
    this.user = new Git(folder, mesh.environment(), scratch);
    this.tracked =
        user.ask("rev-parse", "--show-toplevel").isOk()
            && (ignored || !user.ask("check-ignore", "-q", ".").isOk());
    this.prefix = tracked ? user.run("rev-parse", "--show-prefix").line() : "";
    this.own = user.with(tracked ? besideObjects() : apart());
  }

  /// Of what lies in the folder. One that its repository ignores, such as dist, is one by itself.
  static FolderCommit of(Session mesh, Path folder) throws IOException {
    return of(mesh, folder, false);
  }

  /// Of a commit of the repository that the folder is in, ignored or not.
  static FolderCommit inRepository(Session mesh, Path folder) throws IOException {
    return of(mesh, folder, true);
  }

  private static FolderCommit of(Session mesh, Path folder, boolean ignored) throws IOException {
    var scratch = Files.createTempDirectory("mesh-deploy-");
    try {
      return new FolderCommit(mesh, folder, scratch, ignored);
    } catch (IOException | RuntimeException e) {
      delete(scratch);
      throw e;
    }
  }

  private Map<String, String> besideObjects() throws IOException {
    var objects = user.run("rev-parse", "--git-path", "objects").line();
    return Map.of(
        "GIT_INDEX_FILE", scratch.resolve("index").toString(),
        "GIT_OBJECT_DIRECTORY", Files.createDirectory(scratch.resolve("objects")).toString(),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(folder.resolve(objects)));
  }

  // A colon in it would end it.
  private static String quoted(Path path) {
    return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private Map<String, String> apart() {
    var repository = scratch.resolve("git").toString();
    user.run("init", "-q", "--bare", "--template=", repository);
    return Map.of(
        "GIT_DIR", repository,
        "GIT_WORK_TREE", folder.toString(),
        "GIT_INDEX_FILE", scratch.resolve("index").toString());
  }

  /// Where git knows the commit.
  Git git() {
    return own;
  }

  Path scratch() {
    return scratch;
  }

  /// Makes it of the files as they lie there and answers its id.
  String make() throws IOException {
    var files = files();
    if (files.isEmpty()) {
      throw new Refusal(
          ExitCode.LOCAL,
          "there is nothing to deploy in " + folder,
          "is everything in .gitignore? '!name' in .meshignore takes something in all the same");
    }
    mesh.note("Sending %,d files of %s".formatted(files.size(), folder));
    own.run(files, List.of("update-index", "--add", "-z", "--stdin"));
    var tree = own.run("write-tree", "--prefix=" + prefix).line();
    return own.with(identity()).run("commit-tree", tree, "-m", message(tree)).line();
  }

  /// The id of one that the user's repository has, by any name that git knows it by.
  String find(String name) {
    if (!tracked) {
      throw new Refusal(
          ExitCode.LOCAL, "%s is in no git repository".formatted(folder), "go to that of the app");
    }
    var found = user.ask("rev-parse", "--verify", "-q", name + "^{commit}");
    if (name.startsWith("-") || !found.isOk()) {
      throw new Refusal(
          ExitCode.LOCAL,
          "there is no commit '%s' here".formatted(mesh.terminal().tame(name)),
          "git log --oneline, or git fetch for those of others");
    }
    return found.line();
  }

  /// What git tracks there, and what it would add, without what .meshignore leaves out.
  private List<String> files() throws IOException {
    var listing = tracked ? user : own;
    var rules = MeshIgnore.read(folder, prefix).options();
    var found =
        listing.run(
            List.of(), with(rules, "ls-files", "-z", "--cached", "--others", "--exclude-standard"));
    var without =
        rules.isEmpty()
            ? List.<String>of()
            : listing
                .run(List.of(), with(rules, "ls-files", "-z", "--cached", "--ignored"))
                .parts();
    var left = new ArrayList<>(found.parts());
    left.removeAll(Set.copyOf(without));
    tellOfRepositories(left, submodules(listing));
    return left.stream().distinct().filter(this::isFile).toList();
  }

  private static List<String> with(List<String> rules, String... args) {
    return Stream.concat(Stream.of(args), rules.stream()).toList();
  }

  private boolean isFile(String name) {
    var file = path(name);
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
  }

  private Path path(String name) {
    try {
      return folder.resolve(name);
    } catch (InvalidPathException e) {
      var refusal =
          new Refusal(
              ExitCode.LOCAL,
              "the name '%s' cannot be read here".formatted(mesh.terminal().tame(name)),
              "say which letters there are: export LC_ALL=C.UTF-8");
      refusal.initCause(e);
      throw refusal;
    }
  }

  /// Fetched or not: of them git keeps the commits, and not the files.
  private static Set<String> submodules(Git listing) {
    return listing.run("ls-files", "-z", "--stage").parts().stream()
        .filter(entry -> entry.startsWith(SUBMODULE))
        .map(entry -> entry.substring(entry.indexOf('\t') + 1))
        .collect(Collectors.toSet());
  }

  private void tellOfRepositories(List<String> names, Set<String> submodules) {
    var inside =
        names.stream()
            .distinct()
            .filter(name -> !isFile(name))
            .filter(name -> submodules.contains(name) || Files.exists(path(name).resolve(".git")))
            .toList();
    if (!inside.isEmpty()) {
      var shown = inside.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
      mesh.note("Left out, being git repositories of their own: " + mesh.terminal().tame(shown));
    }
    if (inside.stream().anyMatch(submodules::contains)) {
      mesh.note("A commit takes its submodules with it: mesh deploy --commit HEAD");
    }
  }

  /// For people: what was deployed, and how far it is from what git has.
  private String message(String tree) {
    var name = folder.getFileName() == null ? "/" : folder.getFileName().toString();
    if (!tracked) {
      return name;
    }
    var path = prefix.isEmpty() ? "HEAD^{tree}" : "HEAD:" + prefix.replaceFirst("/$", "");
    var committed = user.ask("rev-parse", "--verify", "-q", path);
    var head = user.ask("rev-parse", "--verify", "-q", "--short=7", "HEAD");
    if (!head.isOk()) {
      return name;
    }
    var branch = user.ask("symbolic-ref", "-q", "--short", "HEAD");
    var at = (branch.isOk() ? branch.line() + " " : "") + head.line();
    return "%s (%s%s)".formatted(name, at, committed.line().equals(tree) ? "" : " with changes");
  }

  /// Git refuses to commit where it cannot guess these.
  private Map<String, String> identity() {
    var name = configured("user.name", "GIT_AUTHOR_NAME", mesh.variable("USER").orElse("mesh"));
    var email = configured("user.email", "GIT_AUTHOR_EMAIL", "mesh@localhost");
    var all = new HashMap<String, String>();
    for (var who : List.of("AUTHOR", "COMMITTER")) {
      all.put("GIT_" + who + "_NAME", name);
      all.put("GIT_" + who + "_EMAIL", email);
    }
    return all;
  }

  private String configured(String setting, String variable, String otherwise) {
    return mesh.variable(variable)
        .orElseGet(
            () -> {
              var answer = user.ask("config", "--get", setting);
              return answer.line().isEmpty() ? otherwise : answer.line();
            });
  }

  @Override
  public void close() throws IOException {
    delete(scratch);
  }

  private static void delete(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}

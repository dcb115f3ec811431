package dev.widemesh.builder.lifecycle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.TomlTable;

/// A buildpack as its folder describes it. One with an `order` is composite: it stands for others.
/// `detectReads` are the files whose content its detection looks at (see [Reads]). `api` is the
/// minor version of its API, 7 for 0.7. One that is not `forProduction` takes part in no build.
record Buildpack(
    int api,
    String id,
    String version,
    boolean forProduction,
    boolean clearEnvironment,
    String inside,
    List<List<Member>> order,
    List<Target> targets,
    List<String> detectReads,
    String name,
    Origin origin) {
  private static final Set<String> APIS = Set.of("0.7", "0.8", "0.9", "0.10", "0.11", "0.12");

  private static final int NEWEST = 12;

  /// It becomes the name of a folder; the specification keeps some for itself.
  private static final Pattern ID =
      Pattern.compile("(?!(app|config|sbom)$)[A-Za-z0-9_-][A-Za-z0-9._/-]{0,150}");

  private static final Pattern VERSION = Pattern.compile("[!-~]{1,100}");

  /// One place in a group. `version` only where a certain one is meant.
  record Member(String id, String version, boolean optional) {
    Member(String id, boolean optional) {
      this(id, "", optional);
    }

    /// By which its buildpack is known.
    String key() {
      return version.isEmpty() ? id : id + "@" + version;
    }
  }

  /// The reference that brought it, and the digest of what came by that; neither of one of ours.
  /// `commit` is of a git repository, nothing elsewhere.
  record Origin(String reference, String digest, String commit) {
    static final Origin OURS = new Origin("", "", "");

    String shown() {
      return commit.isEmpty()
          ? "%s (%.19s)".formatted(reference, digest)
          : "%s (commit %.8s, %.19s)".formatted(reference, commit, digest);
    }
  }

  Buildpack {
    order = order.stream().map(List::copyOf).toList();
    targets = List.copyOf(targets);
    detectReads = List.copyOf(detectReads);
  }

  /// `inside` is where the folder lies in a build.
  static Buildpack read(Path folder, String inside, Origin origin)
      throws IOException, BuildRefused {
    var toml = TomlFile.read(folder.resolve("buildpack.toml"));
    var about = toml.getTableOrEmpty("buildpack");
    var api = TomlFile.string(toml, "api").orElse("none");
    var id = TomlFile.string(about, "id").orElse("");
    var version = TomlFile.string(about, "version").orElse("0");
    var isNamed = ID.matcher(id).matches() && VERSION.matcher(version).matches();
    if (!APIS.contains(api) || !isNamed) {
      throw BuildRefused.because(
          "the buildpack in %s has no id or version, or an unknown API (%s)"
              .formatted(origin.reference().isEmpty() ? inside : origin.reference(), api),
          "use a buildpack with API 0.7 to 0.12");
    }
    return new Buildpack(
        Integer.parseInt(api.substring(api.indexOf('.') + 1)),
        id,
        version,
        ExecutionEnvironment.concerns(about),
        TomlFile.flag(about, "clear-env"),
        inside,
        order(toml),
        TomlFile.tables(toml, "targets").stream().map(Target::parse).toList(),
        detectReads(toml),
        TomlFile.string(about, "name").orElse(id),
        origin);
  }

  /// `detect-reads` in `[metadata.widemesh]`: of one that does not say, everything.
  private static List<String> detectReads(TomlTable toml) {
    var ours = toml.getTableOrEmpty("metadata").getTableOrEmpty("widemesh");
    if (!ours.isArray(List.of("detect-reads"))) {
      return Reads.EVERYTHING;
    }
    var patterns = TomlFile.strings(ours, "detect-reads");
    return Reads.modest(patterns) ? patterns : Reads.EVERYTHING;
  }

  /// One that only names stacks, as those of older APIs, is taken at its word.
  boolean runsOn(Target there) {
    return targets.isEmpty() || targets.stream().anyMatch(target -> target.covers(there));
  }

  /// In words.
  String madeFor() {
    return targets.stream().map(Target::toString).collect(Collectors.joining(", "));
  }

  /// Stands for groups of others.
  static Buildpack composite(String id, List<List<Member>> order) {
    return new Buildpack(
        NEWEST, id, "", true, false, "", order, List.of(), Reads.EVERYTHING, id, Origin.OURS);
  }

  /// The groups of `[[order]]`, in an `order.toml` or a composite buildpack.
  static List<List<Member>> order(TomlTable toml) {
    return TomlFile.tables(toml, "order").stream()
        .map(entry -> TomlFile.tables(entry, "group").stream())
        .map(group -> group.filter(ExecutionEnvironment::concerns).map(Buildpack::member).toList())
        .toList();
  }

  private static Member member(TomlTable table) {
    return new Member(
        TomlFile.string(table, "id").orElse(""),
        TomlFile.string(table, "version").orElse(""),
        TomlFile.flag(table, "optional"));
  }

  /// Which one, where from, and what exactly.
  String shown() {
    var which = id + " " + version;
    return origin.reference().isEmpty()
        ? which + ", of the platform"
        : which + ", from " + origin.shown();
  }

  /// The name of its folder below `/layers`.
  String escapedId() {
    return escaped(id);
  }

  static String escaped(String id) {
    return id.replace('/', '_');
  }
}

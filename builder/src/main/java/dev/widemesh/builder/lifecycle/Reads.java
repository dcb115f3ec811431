package dev.widemesh.builder.lifecycle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The files of an app whose content a build looks at, in the words of its buildpacks: a pattern a
/// line. One without a slash means files and folders of that name anywhere, one with a slash is
/// seen from the app's folder; a folder stands for all in it. `*` and `?` stay inside of one name.
/// What follows after tabs are texts: then only those lines of the files are looked at that have
/// one of these in them. A pattern of which that may not be all that its author meant (`**`, `..`,
/// `{a,b}`, the app's folder itself) stands for everything.
///
/// ```
/// package.json
/// /config/app.toml
/// app.py<tab>Flask(<tab>FastAPI(
/// ```
public record Reads(List<Line> lines) {
  /// By which a buildpack says so, in `launch.toml`. Without it, it may have looked at everything.
  static final String LABEL = "dev.widemesh.build.reads";

  static final List<String> EVERYTHING = List.of("*");
  private static final int MOST = 1_000;
  private static final int LONGEST = 1_000;
  private static final int MOST_TEXTS = 100;
  private static final int LONGEST_TEXT = 100;

  /// Of a file that is read by the line, in bytes; a larger one counts as seen.
  private static final int MOST_BYTES = 256_000;

  /// `texts` as ISO-8859-1, which keeps every byte; none means the whole file.
  record Line(boolean anywhere, Glob glob, List<String> texts) {
    Line {
      texts = List.copyOf(texts);
    }

    boolean names(String path) {
      return anywhere ? Stream.of(path.split("/", -1)).anyMatch(glob::matches) : glob.matches(path);
    }

    static Line everything() {
      return new Line(true, Glob.parse("*"), List.of());
    }
  }

  public Reads {
    lines = List.copyOf(lines);
  }

  public static Reads of(List<String> patterns) {
    var lines = patterns.stream().map(Reads::line).toList();
    var texts = lines.stream().flatMap(line -> line.texts().stream()).distinct().toList();
    var modest =
        texts.size() <= MOST_TEXTS
            && texts.stream().allMatch(text -> text.length() <= LONGEST_TEXT);
    return new Reads(modest ? lines : List.of(Line.everything()));
  }

  /// The patterns of a label. What says nothing, or too much, stands for everything.
  static List<String> patterns(String label) {
    var patterns = label.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    return modest(patterns) && !patterns.isEmpty() ? patterns : EVERYTHING;
  }

  static boolean modest(List<String> patterns) {
    return patterns.size() <= MOST
        && patterns.stream().allMatch(pattern -> pattern.length() <= LONGEST);
  }

  private static Line line(String pattern) {
    var parts = pattern.split("\t", -1);
    var path = parts[0].replaceFirst("/+$", "");
    var names =
        Stream.of(path.split("/", -1))
            .filter(name -> !name.isEmpty() && !name.equals("."))
            .toList();
    if (names.isEmpty() || names.stream().anyMatch(Reads::mayMeanMore)) {
      return Line.everything();
    }
    var texts = Stream.of(parts).skip(1).filter(text -> !text.isEmpty()).map(Reads::bytes).toList();
    return new Line(!path.contains("/"), Glob.parse(String.join("/", names)), texts);
  }

  private static boolean mayMeanMore(String name) {
    return name.equals("..") || name.contains("**") || name.contains("{") || name.contains("\\");
  }

  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /// Whether a build would see that the file at `path` has another content.
  public boolean see(String path, ByteBuffer before, ByteBuffer after) {
    var naming = lines.stream().filter(line -> line.names(path)).toList();
    if (naming.stream().anyMatch(line -> line.texts().isEmpty())) {
      return true;
    }
    var texts = naming.stream().flatMap(line -> line.texts().stream()).distinct().toList();
    return !texts.isEmpty()
        && (before.remaining() > MOST_BYTES
            || after.remaining() > MOST_BYTES
            || differ(texts, before, after));
  }

  // What is no text is not read line by line, not even by grep.
  private static boolean differ(List<String> texts, ByteBuffer before, ByteBuffer after) {
    Predicate<String> has = line -> texts.stream().anyMatch(line::contains);
    return !isText(before)
        || !isText(after)
        || !lines(before).filter(has).toList().equals(lines(after).filter(has).toList());
  }

  private static Stream<String> lines(ByteBuffer content) {
    var text = StandardCharsets.ISO_8859_1.decode(content.duplicate()).toString();
    return Arrays.stream(text.split("\n", -1));
  }

  private static boolean isText(ByteBuffer content) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(content.duplicate());
      return text.chars().noneMatch(letter -> letter == 0);
    } catch (CharacterCodingException _) {
      return false;
    }
  }
}

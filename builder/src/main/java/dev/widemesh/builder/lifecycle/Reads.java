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
/// seen from the app's folder; a folder stands for all in it. What follows after tabs are texts:
/// then only those lines of the files are looked at that have one of these in them.
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

  /// `texts` as ISO-8859-1, which keeps every byte; none means the whole file.
  record Line(boolean anywhere, Glob glob, List<String> texts) {
    Line {
      texts = List.copyOf(texts);
    }

    boolean names(String path) {
      return anywhere ? Stream.of(path.split("/", -1)).anyMatch(glob::matches) : glob.matches(path);
    }
  }

  public Reads {
    lines = List.copyOf(lines);
  }

  public static Reads of(List<String> patterns) {
    return new Reads(patterns.stream().map(Reads::line).toList());
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
    var name = parts[0].replaceFirst("/+$", "");
    var texts = Stream.of(parts).skip(1).filter(text -> !text.isEmpty()).map(Reads::bytes).toList();
    return new Line(!name.contains("/"), Glob.parse(name), texts);
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
    return !texts.isEmpty() && differ(texts, before, after);
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

package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// The column of docs/promises.md that names tests tells the truth, both ways.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PromisesTest {
  private static final Path HOME = Path.of(System.getProperty("widemesh.home"));
  private static final Pattern TAG = Pattern.compile("@Tag\\(\"([A-Z]{2,4}-\\d+)\"\\)");
  private static final Pattern ROW =
      Pattern.compile("^\\| ([A-Z]{2,4}-\\d+) \\|.*\\| ([^|]*) \\|$");
  private static final Pattern CLASS = Pattern.compile("`(\\w+)`");

  @Test
  void the_document_names_exactly_the_tests_that_carry_each_number() throws IOException {
    assertThat(documented()).isEqualTo(tagged());
  }

  private static Map<String, Set<String>> documented() throws IOException {
    var found = new TreeMap<String, Set<String>>();
    for (var line : Files.readAllLines(HOME.resolve("docs/promises.md"))) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        var names = CLASS.matcher(row.group(2));
        while (names.find()) {
          found.computeIfAbsent(row.group(1), _ -> new TreeSet<>()).add(names.group(1));
        }
      }
    }
    return found;
  }

  private static Map<String, Set<String>> tagged() throws IOException {
    var found = new TreeMap<String, Set<String>>();
    try (var files = Files.walk(HOME)) {
      for (var file : files.filter(PromisesTest::isTest).toList()) {
        var name = file.getFileName().toString().replace(".java", "");
        var tags = TAG.matcher(Files.readString(file));
        while (tags.find()) {
          found.computeIfAbsent(tags.group(1), _ -> new TreeSet<>()).add(name);
        }
      }
    }
    return found;
  }

  private static boolean isTest(Path file) {
    return file.toString().contains("/src/test/java/") && file.toString().endsWith("Test.java");
  }
}

package dev.widemesh.builder.image;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/// A folder and all below it, in the order that a sorted list of all paths would have. It holds
/// only the names in the folders that lead to where it is, so it takes little memory however many
/// files there are.
public final class SortedTree {
  /// Gets each path once, and what it is relative to the folder: nothing for the folder itself.
  public interface Visitor {
    void visit(Path path, String relative) throws IOException;
  }

  /// What is to be visited, or with a slash behind its name a folder to go into: its content stands
  /// behind `name-` and `name.` and before `name0`.
  private record Step(String key, Path name) {
    boolean goesInto() {
      return key.endsWith("/");
    }
  }

  private record Level(Path folder, String relative, Iterator<Step> steps) {}

  private final Deque<Level> levels = new ArrayDeque<>();

  private SortedTree() {}

  /// Goes into no folder by a link.
  public static void walk(Path folder, Visitor visitor) throws IOException {
    visitor.visit(folder, "");
    new SortedTree().below(folder, visitor);
  }

  private void below(Path folder, Visitor visitor) throws IOException {
    enter(folder, "");
    while (!levels.isEmpty()) {
      var level = levels.element();
      if (!level.steps.hasNext()) {
        levels.pop();
        continue;
      }
      var step = level.steps.next();
      var path = level.folder.resolve(step.name);
      var relative = level.relative + step.key;
      if (step.goesInto()) {
        enter(path, relative);
      } else {
        visitor.visit(path, relative);
      }
    }
  }

  private void enter(Path folder, String relative) throws IOException {
    levels.push(new Level(folder, relative, steps(folder).iterator()));
  }

  private static List<Step> steps(Path folder) throws IOException {
    var steps = new ArrayList<Step>();
    try (var children = Files.newDirectoryStream(folder)) {
      for (var child : children) {
        var name = child.getFileName();
        steps.add(new Step(name.toString(), name));
        if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
          steps.add(new Step(name + "/", name));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    // Names that are no text in the system's encoding read alike, and differ in their bytes.
    steps.sort(Comparator.comparing(Step::key).thenComparing(Step::name));
    return steps;
  }
}

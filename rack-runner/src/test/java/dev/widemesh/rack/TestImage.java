package dev.widemesh.rack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A small image made of this host's own shell, tools and Perl: no registry is asked.
final class TestImage {
  private static final List<String> PROGRAMS =
      List.of("sh", "cat", "sleep", "id", "ls", "yes", "head", "perl", "hostname", "grep");

  private TestImage() {}

  /// Makes the image under that reference.
  static void make(String reference) throws IOException {
    var files = new LinkedHashSet<String>();
    for (var program : PROGRAMS) {
      var file = "/bin/" + program;
      files.add(file);
      addLibraries(file, files);
    }
    files.add(perlModules());
    var archive = Files.createTempFile("rack-image", ".tar");
    try {
      var tar = new ArrayList<>(List.of("tar", "-chPf", archive.toString(), "--hard-dereference"));
      tar.addAll(files);
      run(tar);
      run(List.of("docker", "import", archive.toString(), reference));
    } finally {
      Files.delete(archive);
    }
  }

  static void remove(String reference) {
    run(List.of("docker", "rmi", "-f", reference));
  }

  private static String perlModules() {
    return run(List.of("perl", "-e", "print grep { m{/perl-base$} } @INC")).strip();
  }

  private static void addLibraries(String program, Set<String> files) {
    for (var word : run(List.of("ldd", program)).split("\\s+", -1)) {
      if (word.startsWith("/") && Files.exists(Path.of(word))) {
        files.add(word);
      }
    }
  }

  static String run(List<String> command) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(command + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;

/// A clone as `./widemesh build` and a first `up` leave it: its scripts, the classes that are
/// tested here in jars, and the caches from which they start. What is tested is what people run.
final class PackagedClone {
  private static final ToolProvider JAR = ToolProvider.findFirst("jar").orElseThrow();
  private static final Path HOME = Path.of(System.getProperty("widemesh.home"));
  private static final Path TARGET = HOME.resolve("all-in-one/target");

  private static final PackagedClone OF_THIS_BUILD = ofThisBuild();

  private final Path folder;

  private PackagedClone(Path folder) {
    this.folder = folder;
  }

  static PackagedClone get() {
    return OF_THIS_BUILD;
  }

  /// Several JVMs run tests at once: one makes it, the others wait.
  private static PackagedClone ofThisBuild() {
    try {
      Files.createDirectories(TARGET);
      var clone = new PackagedClone(TARGET.toRealPath().resolve("clone"));
      try (var channel =
              FileChannel.open(
                  TARGET.resolve("clone.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        clone.makeUnlessCurrent(inputs());
      }
      return clone;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void makeUnlessCurrent(String inputs) throws IOException {
    var made = folder.resolve("made");
    if (Files.exists(made) && Files.readString(made).equals(inputs)) {
      return;
    }
    if (Files.exists(folder)) {
      PostgresBinaries.deleteTree(folder);
    }
    make();
    train();
    Files.writeString(made, inputs);
  }

  /// All that it is made of, with the times at which it was written.
  private static String inputs() throws IOException {
    var inputs = new StringBuilder();
    for (var root : roots()) {
      try (var files = Files.walk(root)) {
        for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
          inputs.append(file).append(' ').append(Files.getLastModifiedTime(file)).append('\n');
        }
      }
    }
    return inputs.toString();
  }

  private static List<Path> roots() {
    var roots =
        new ArrayList<>(
            List.of(HOME.resolve("widemesh"), HOME.resolve("mesh"), HOME.resolve("buildpacks")));
    roots.addAll(classPath());
    return roots;
  }

  /// Without the tests themselves.
  private static List<Path> classPath() {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).stream()
        .map(Path::of)
        .filter(entry -> Files.isRegularFile(entry) || entry.endsWith("target/classes"))
        .toList();
  }

  private void make() throws IOException {
    var lib = Files.createDirectories(folder.resolve("all-in-one/target/lib"));
    for (var script : List.of("widemesh", "mesh")) {
      Files.copy(HOME.resolve(script), folder.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
    }
    copyTree(HOME.resolve("buildpacks"), folder.resolve("buildpacks"));
    for (var entry : classPath()) {
      pack(entry, lib);
    }
    Files.createFile(folder.resolve("all-in-one/target/built"));
  }

  static void copyTree(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        Files.copy(
            file,
            to.resolve(from.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
      }
    }
  }

  // Their own names have a version, by which the scripts look for them.
  private static void pack(Path entry, Path lib) throws IOException {
    if (Files.isRegularFile(entry)) {
      Files.copy(entry, lib.resolve(entry.getFileName()));
    } else {
      var module = entry.resolve("../..").normalize().getFileName();
      var jar = lib.resolve(module + "-0.jar").toString();
      assertThat(JAR.run(System.out, System.err, "-c", "-f", jar, "-C", entry.toString(), "."))
          .isZero();
    }
  }

  /// As `./widemesh build` does for the CLI, and `prepare` for the processes.
  private void train() throws IOException {
    var data = TestPlatform.folderOn(Path.of(System.getProperty("java.io.tmpdir")));
    try {
      var login =
          Files.writeString(
              data.resolve("login"), "{\"api\":\"http://127.0.0.1:9\",\"token\":\"none\"}");
      var cache = folder.resolve("all-in-one/target/mesh.aot");
      var _ =
          Shell.run(
              data,
              with(Map.of("MESH_LOGIN", login.toString(), "MESH_TRAIN", cache.toString())),
              List.of(mesh(), "env", "ls"));
      assertThat(cache).isNotEmptyFile();
      var prepare = new ArrayList<>(List.of(widemesh(), "prepare", "--data", data + "/data"));
      for (var door : List.of("--http", "--https", "--ssh", "--api")) {
        prepare.addAll(List.of(door, "" + TestPlatform.freePort()));
      }
      assertThat(Shell.run(data, with(Map.of()), prepare).ok().all())
          .contains("Preparing fast starts");
      assertThat(cache()).isNotEmptyFile();
    } finally {
      PostgresBinaries.deleteTree(data);
    }
  }

  /// The cache from which its processes start.
  Path cache() {
    return folder.resolve("all-in-one/target/widemesh.aot");
  }

  String widemesh() {
    return folder.resolve("widemesh").toString();
  }

  String mesh() {
    return folder.resolve("mesh").toString();
  }

  /// These variables, and the JDK of the tests for its scripts.
  static Map<String, String> with(Map<String, String> variables) {
    var environment = new HashMap<>(variables);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return environment;
  }
}

package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// A clone as `./widemesh build` leaves it: its scripts, and the classes that are tested here in
/// jars, without which there is no cache of them.
final class PackagedClone {
  private static final ToolProvider JAR = ToolProvider.findFirst("jar").orElseThrow();

  private final Path folder;

  private PackagedClone(Path folder) {
    this.folder = folder;
  }

  static PackagedClone in(Path folder) throws IOException {
    var clone = new PackagedClone(folder);
    var lib = Files.createDirectories(folder.resolve("all-in-one/target/lib"));
    for (var script : List.of("widemesh", "mesh")) {
      var from = TestPlatform.HOME.resolve(script);
      Files.copy(from, folder.resolve(script), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.createSymbolicLink(folder.resolve("buildpacks"), TestPlatform.HOME.resolve("buildpacks"));
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      pack(Path.of(entry), lib);
    }
    Files.createFile(folder.resolve("all-in-one/target/built"));
    return clone;
  }

  private static void pack(Path entry, Path lib) throws IOException {
    if (Files.isRegularFile(entry)) {
      Files.copy(entry, lib.resolve(entry.getFileName()));
    } else if (entry.endsWith("target/classes")) {
      var name = TestPlatform.HOME.relativize(entry.resolve("../..").normalize()).toString();
      var jar = lib.resolve(name.replace('/', '-') + ".jar").toString();
      var classes = entry.toString();
      assertThat(JAR.run(System.out, System.err, "-c", "-f", jar, "-C", classes, ".")).isZero();
    }
  }

  /// The cache from which its processes start, once there is one.
  Path cache() throws IOException {
    return folder.toRealPath().resolve("all-in-one/target/widemesh.aot");
  }

  Shell.Result widemesh(TestPlatform platform, String... args) {
    var argv = new ArrayList<>(List.of(folder.resolve("widemesh").toString()));
    Stream.of(args).forEach(argv::add);
    argv.addAll(List.of("--data", platform.data.toString()));
    var environment = new HashMap<>(platform.environment());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return Shell.run(platform.folder, environment, argv);
  }
}

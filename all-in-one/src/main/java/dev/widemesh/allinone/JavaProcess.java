package dev.widemesh.allinone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The argv of one of our own processes: the same JVM and class path as this one.
final class JavaProcess {
  private JavaProcess() {}

  static List<String> supervisor(DataFolder data, List<String> flags) {
    var argv = jvm("up", data, flags);
    argv.addAll(List.of(Widemesh.class.getName(), "up", "--data", data.root().toString()));
    return argv;
  }

  static List<String> part(String name, DataFolder data, List<String> flags) {
    var argv = jvm(name, data, flags);
    argv.addAll(List.of(PartProcess.class.getName(), name, data.root().toString()));
    return argv;
  }

  private static List<String> jvm(String part, DataFolder data, List<String> flags) {
    var argv = new ArrayList<String>();
    argv.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    argv.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:+UseCompactObjectHeaders",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-Xss512k",
            // A heap that begins small stays small: the JVM's own beginning is 1/64 of the memory.
            "-Xms16m",
            "-XX:MinHeapFreeRatio=15",
            "-XX:MaxHeapFreeRatio=25",
            "-XX:-ShrinkHeapInSteps",
            // What glibc keeps of freed memory goes back to the system.
            "-XX:TrimNativeHeapInterval=30000",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Duser.language=en",
            "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=false",
            "-DsendCredentialsOverHttp=true",
            // The operator's proxy is told its password for what is reached over TLS, too.
            "-Djdk.http.auth.tunneling.disabledSchemes=",
            "-Dvertx.disableFileCaching=true",
            "-Dvertx.disableFileCPResolving=true"));
    argv.addAll(flags);
    if (Files.exists(cache())) {
      argv.addAll(List.of("-XX:AOTCache=" + cache(), "-Xlog:aot=off", "-Xlog:cds=off"));
      // Mapped where it was made for: else each process had a moved copy of its own.
      argv.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0"));
    }
    argv.add("-Dwidemesh.home=" + home());
    argv.add("-Dwidemesh.log=" + data.logs().resolve(part));
    argv.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return argv;
  }

  /// Made by `./widemesh up` after a build. One that does not fit the class path is ignored.
  private static Path cache() {
    return home().resolve("all-in-one/target/widemesh.aot");
  }

  /// Where the buildpacks lie: the folder of the clone.
  static Path home() {
    return Path.of(System.getProperty("widemesh.home", ".")).toAbsolutePath().normalize();
  }
}

package dev.widemesh.builder.lifecycle;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The environment that buildpacks start from: little of the build image's, what the platform sets,
/// and where things are.
record PhaseEnvironment(Map<String, String> base) {
  // The specification's list: nothing else of the image leaks in.
  private static final Set<String> FROM_IMAGE =
      Set.of("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH", "CNB_STACK_ID");

  static PhaseEnvironment of(
      Map<String, String> image, Map<String, String> platform, String debianVersion) {
    var all = new TreeMap<String, String>();
    image.forEach(
        (name, value) -> {
          if (FROM_IMAGE.contains(name)) {
            all.put(name, value);
          }
        });
    all.putAll(platform);
    all.put("CNB_PLATFORM_DIR", "/platform");
    all.put("CNB_EXEC_ENV", "production");
    all.put("CNB_TARGET_OS", "linux");
    all.put("CNB_TARGET_ARCH", architecture());
    all.put("CNB_TARGET_DISTRO_NAME", "debian");
    all.put("CNB_TARGET_DISTRO_VERSION", debianVersion);
    return new PhaseEnvironment(all);
  }

  private static String architecture() {
    return System.getProperty("os.arch", "amd64").equals("aarch64") ? "arm64" : "amd64";
  }

  Map<String, String> copy() {
    return new TreeMap<>(base);
  }
}

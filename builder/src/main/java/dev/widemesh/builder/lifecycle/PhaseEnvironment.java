package dev.widemesh.builder.lifecycle;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The environment that buildpacks start from: little of the build image's, what the platform sets,
/// and where things are. What the `user` set is kept from those that ask for a clear environment;
/// they may still read it from files.
record PhaseEnvironment(Map<String, String> base, Map<String, String> user) {
  // The specification's list: nothing else of the image leaks in.
  private static final Set<String> FROM_IMAGE =
      Set.of("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "PKG_CONFIG_PATH", "CNB_STACK_ID");

  static PhaseEnvironment of(
      Map<String, String> image,
      Map<String, String> platform,
      Map<String, String> user,
      Target target) {
    var all = new TreeMap<String, String>();
    image.forEach(
        (name, value) -> {
          if (FROM_IMAGE.contains(name)) {
            all.put(name, value);
          }
        });
    all.putAll(platform);
    all.put("CNB_PLATFORM_DIR", "/platform");
    all.put("CNB_EXEC_ENV", ExecutionEnvironment.OURS);
    all.put("CNB_TARGET_OS", target.os());
    all.put("CNB_TARGET_ARCH", target.architecture());
    for (var distribution : target.distributions()) {
      all.put("CNB_TARGET_DISTRO_NAME", distribution.name());
      all.put("CNB_TARGET_DISTRO_VERSION", distribution.version());
    }
    return new PhaseEnvironment(all, new TreeMap<>(user));
  }

  /// For one buildpack to start from, or to be changed from one to the next.
  Map<String, String> copy(boolean clear) {
    var all = new TreeMap<>(base);
    if (!clear) {
      // What is the platform's stays the platform's.
      user.forEach(all::putIfAbsent);
    }
    return all;
  }
}

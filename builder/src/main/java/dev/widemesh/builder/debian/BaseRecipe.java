package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.image.ImageRecipe;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What goes into a base image. `edition` changes when the way it is assembled changes.
record BaseRecipe(
    String name,
    int edition,
    List<String> packages,
    Set<String> unneeded,
    Map<String, String> env) {

  private static final List<String> RUN_PACKAGES =
      List.of(
          "base-files",
          "bash",
          "ca-certificates",
          "coreutils",
          "dash",
          "debianutils",
          "findutils",
          "grep",
          "gzip",
          "libatomic1",
          "libc-bin",
          "libgomp1",
          "libpq5",
          "libssl3t64",
          "libstdc++6",
          "mawk",
          "netbase",
          "nginx",
          "sed",
          "tar",
          "tzdata",
          "zlib1g");

  private static final List<String> TOOLS =
      List.of(
          "bzip2",
          "curl",
          "diffutils",
          "file",
          "g++",
          "git",
          "jq",
          "make",
          "patch",
          "pkgconf",
          "python3",
          "unzip",
          "xz-utils");

  /// No maintainer script runs and nobody logs in, so nobody needs these.
  private static final Set<String> NEVER =
      Set.of(
          "adduser",
          "base-passwd",
          "debconf",
          "dpkg",
          "git-man",
          "init-system-helpers",
          "install-info",
          "iproute2",
          "libaudit1",
          "libpam0g",
          "libpam-modules",
          "libpam-runtime",
          "login.defs",
          "passwd",
          "systemd",
          "sysvinit-utils");

  /// What the library of SASL needs as a server, beside Berkeley's database; libpq comes with it,
  /// and only asks.
  private static final String SASL_SERVER = "libsasl2-modules-db";

  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  static final BaseRecipe RUN =
      new BaseRecipe(
          "run",
          1,
          RUN_PACKAGES,
          with(NEVER, "perl-base", "perl", SASL_SERVER),
          Map.of("PATH", PATH, "LANG", "C.UTF-8", "HOME", "/home/widemesh"));

  static final BaseRecipe BUILD =
      new BaseRecipe(
          "build",
          1,
          Stream.concat(RUN_PACKAGES.stream(), TOOLS.stream()).toList(),
          NEVER,
          Map.of(
              "PATH", PATH,
              "LANG", "C.UTF-8",
              "HOME", "/home/widemesh",
              "CNB_USER_ID", "1000",
              "CNB_GROUP_ID", "1000",
              "CNB_STACK_ID", "dev.widemesh.stacks.trixie"));

  /// What BuildKit runs in: nothing of it gets into any image.
  static final BaseRecipe KIT =
      new BaseRecipe(
          "kit",
          1,
          List.of("base-files", "ca-certificates", "libc-bin", "python3", "runc"),
          NEVER,
          Map.of("PATH", PATH, "LANG", "C.UTF-8"));

  private static Set<String> with(Set<String> set, String... more) {
    return Set.copyOf(Stream.concat(set.stream(), Stream.of(more)).toList());
  }

  String repository() {
    return "widemesh/" + name;
  }

  String layer() {
    return "debian-" + name;
  }

  /// Everything but the packages' versions that the image depends on.
  String identity() {
    return "%s %d %s %s %s"
        .formatted(name, edition, Architecture.ofHost(), packages, new TreeSet<>(unneeded));
  }

  ImageRecipe.Settings settings(String version) {
    var labels = new TreeMap<String, String>();
    labels.put("io.buildpacks.base.distro.name", "debian");
    labels.put("io.buildpacks.base.distro.version", "13");
    labels.put("io.buildpacks.base.id", "dev.widemesh." + name);
    labels.put("io.buildpacks.stack.id", "dev.widemesh.stacks.trixie");
    labels.put("dev.widemesh.base.version", version);
    return new ImageRecipe.Settings(
        env, labels, "1000:1000", "/", List.of(), List.of("/bin/bash"), Set.of());
  }
}

package dev.widemesh.allinone;

import dev.widemesh.builder.debian.MirrorAddress;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.controller.ControllerConfig;
import dev.widemesh.git.PushLimits;
import dev.widemesh.model.Nearest;
import dev.widemesh.rack.RackRunnerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What the operator said by variables of the environment. What cannot be is refused with the rule,
/// before anything is started.
record Settings(Map<String, String> environment) {
  private static final Pattern TIME = Pattern.compile("(\\d{1,5})(s|m|h)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,7})(m|g)b?");
  private static final Pattern REGISTRY = Pattern.compile("[a-z0-9.-]{1,253}(:\\d{1,5})?");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,7}(\\.\\d{1,3})?");

  private static final Pattern GRADLE_ADDRESS = Pattern.compile("https?://\\S+");

  // What comes from there may have no other checksum than its own, so only https.
  private static final Pattern MIRROR_ADDRESS =
      Pattern.compile(
          "https://([\\w.~!$&'()*+,;=:%-]+@)?[\\w.-]+(:\\d{1,5})?(/[\\w.~!$&'()*+,;=:@%-]*)*");

  // Three times a file must fit into memory.
  private static final int LARGEST_FILE = 150;
  private static final int LARGEST_PUSH = 100_000;
  private static final int MEGABYTE = 1_000_000;
  private static final Path TRUSTED_HERE = Path.of("/etc/ssl/certs/ca-certificates.crt");

  Settings {
    environment = Map.copyOf(environment);
  }

  static Settings ofThisProcess() {
    return new Settings(System.getenv());
  }

  void check() {
    known();
    requireDebianMirror();
    var _ = readyWithin();
    var _ = builds();
    var _ = buildCache();
    var _ = instanceDisk();
    var _ = registries();
    var _ = buildpackHosts();
    var _ = pushes();
    var _ = caBundle();
    var _ = domain();
    var _ = mirrors();
    var _ = buildKit();
  }

  private void known() {
    var known = Variable.spellings();
    for (var name : new TreeSet<>(environment.keySet())) {
      var says = !environment.getOrDefault(name, "").isBlank(); // compose sets empty ones
      if (says && name.startsWith(Variable.PREFIX) && !known.contains(name)) {
        throw new Refused(
            name + " is set, and is no setting",
            Nearest.to(name, known)
                .map("perhaps %s was meant; unset the other"::formatted)
                .orElse("unset it; README.md lists the settings"));
      }
    }
  }

  private void requireDebianMirror() {
    try {
      var _ = said(Variable.DEBIAN_MIRROR).map(MirrorAddress::parse);
    } catch (IllegalArgumentException e) {
      throw new Refused(
          String.valueOf(e.getMessage()),
          "write it so, without a query; a login before the host: http://name:password@");
    }
  }

  /// The URL of a PostgreSQL server that the operator runs.
  Optional<String> database() {
    return said(Variable.DATABASE_URL);
  }

  /// Downloads and base images, to share between platforms.
  Optional<Path> cache() {
    return said(Variable.CACHE).map(Path::of);
  }

  /// Under which environments get their names, from now on.
  Optional<Domain> domain() {
    return said(Variable.DOMAIN).map(name -> Domain.parse(Variable.DOMAIN.toString(), name));
  }

  /// Where base images and what builds need come from.
  Mirrors mirrors() {
    return new Mirrors(
        said(Variable.DEBIAN_MIRROR).orElse(Mirrors.DEBIAN),
        mirror(Variable.GRADLE_MIRROR, GRADLE_ADDRESS, "gradle"),
        mirror(Variable.MAVEN_MIRROR, MIRROR_ADDRESS, "maven2"),
        mirror(Variable.NPM_MIRROR, MIRROR_ADDRESS, "npm"),
        mirror(Variable.PYPI_MIRROR, MIRROR_ADDRESS, "pypi/simple"));
  }

  // What cannot be may hold a password all the same: it is not repeated.
  private Optional<String> mirror(Variable variable, Pattern form, String example) {
    var mirror = said(variable);
    if (mirror.isPresent() && !form.matcher(mirror.get()).matches()) {
      throw new Refused(
          variable + " is no address of a mirror",
          "write it like https://mirror.example.com/%s; a login: https://name:password@, percent-encoded"
              .formatted(example));
    }
    return mirror;
  }

  /// The folder with the operator's own `buildkitd` and `buildctl`.
  Optional<Path> buildKit() {
    var folder = said(Variable.BUILDKIT).map(Path::of);
    if (folder.isPresent() && !Files.isExecutable(folder.get().resolve("buildkitd"))) {
      throw new Refused(
          "%s names %s, which has no buildkitd".formatted(Variable.BUILDKIT, folder.get()),
          "unpack a release of BuildKit, and name its folder bin");
    }
    return folder.map(Path::toAbsolutePath);
  }

  /// Base images to copy instead of making them.
  Optional<String> baseImages() {
    return said(Variable.BASE_IMAGES);
  }

  /// What the operator named, or what this machine trusts: a proxy that opens TLS is trusted here
  /// already, and builds go through it too.
  Optional<Path> caBundle() {
    var chosen = said(Variable.CA_BUNDLE).map(Path::of);
    if (chosen.isPresent() && !Files.isReadable(chosen.get())) {
      throw new Refused(
          "%s names %s, which cannot be read".formatted(Variable.CA_BUNDLE, chosen.get()),
          "name a PEM file with the certificates to trust");
    }
    return chosen.or(() -> Optional.of(TRUSTED_HERE).filter(Files::isReadable));
  }

  /// How much may be sent.
  PushLimits pushes() {
    var usual = PushLimits.DEFAULT;
    var file = megabytes(Variable.MAX_FILE_MB, usual.file() / MEGABYTE, LARGEST_FILE);
    var push = megabytes(Variable.MAX_PUSH_MB, (int) (usual.pack() / MEGABYTE), LARGEST_PUSH);
    return usual.with(file * MEGABYTE, (long) push * MEGABYTE);
  }

  /// How much one instance may write beside its image.
  long instanceDisk() {
    return bytes(
        Variable.INSTANCE_DISK, RackRunnerConfig.INSTANCE_DISK, 100_000_000L, 1_000_000_000_000L);
  }

  /// What one build may use.
  BuildLimits builds() {
    var usual = BuildLimits.USUAL;
    return new BuildLimits(
        time(Variable.BUILD_TIME, usual.time(), Duration.ofSeconds(10), BuildLimits.LONGEST),
        bytes(Variable.BUILD_MEMORY, usual.memory(), 256_000_000L, 1_000_000_000_000L),
        number(Variable.BUILD_CPUS, usual.cpus(), 0.1, 1_000),
        (int) number(Variable.BUILD_PROCESSES, usual.processes(), 64, 100_000),
        bytes(Variable.BUILD_DISK, usual.written(), 100_000_000L, 1_000_000_000_000L),
        usual.printed());
  }

  /// What all stacks together may keep for their next builds.
  long buildCache() {
    return bytes(
        Variable.BUILD_CACHE, LifecycleConfig.CACHE_BYTES, 100_000_000L, 1_000_000_000_000L);
  }

  /// How long new instances may take until they are ready.
  Duration readyWithin() {
    return time(
        Variable.READY_WITHIN,
        ControllerConfig.READY_WITHIN,
        Duration.ofSeconds(5),
        Duration.ofHours(1));
  }

  /// Those that a Dockerfile may name in FROM although they are no public ones.
  Set<String> registries() {
    return hosts(Variable.REGISTRIES, "registry.example.com");
  }

  /// Those that buildpacks may be fetched from although they are not on the public internet.
  Set<String> buildpackHosts() {
    return hosts(Variable.BUILDPACK_HOSTS, "git.example.com");
  }

  private Set<String> hosts(Variable variable, String example) {
    var all = new TreeSet<String>();
    for (var part : said(variable).orElse("").split(",", -1)) {
      var host = part.strip().toLowerCase(Locale.ROOT);
      if (!host.isEmpty() && !REGISTRY.matcher(host).matches()) {
        throw new Refused(
            "%s has '%s'".formatted(variable, part),
            "give hosts with commas between, like %s or 10.0.0.5:5000".formatted(example));
      }
      all.add(host);
    }
    all.remove("");
    return all;
  }

  private Optional<String> said(Variable variable) {
    return Optional.ofNullable(environment.get(variable.toString()))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private int megabytes(Variable variable, int otherwise, int most) {
    var said = said(variable).orElse(String.valueOf(otherwise));
    if (!said.matches("[1-9][0-9]{0,5}") || Integer.parseInt(said) > most) {
      throw new Refused(
          "%s is '%s'".formatted(variable, said),
          "give a number of megabytes from 1 to %d, or leave it out".formatted(most));
    }
    return Integer.parseInt(said);
  }

  private Duration time(Variable name, Duration otherwise, Duration least, Duration most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    var match = TIME.matcher(said.get().toLowerCase(Locale.ROOT));
    if (match.matches()) {
      var time = unit(match.group(2)).multipliedBy(Long.parseLong(match.group(1)));
      if (time.compareTo(least) >= 0 && time.compareTo(most) <= 0) {
        return time;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        "give a time from %d s to %d min, like 90s or 15m"
            .formatted(least.toSeconds(), most.toMinutes()));
  }

  private long bytes(Variable name, long otherwise, long least, long most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    var match = SIZE.matcher(said.get().toLowerCase(Locale.ROOT));
    if (match.matches()) {
      var factor = match.group(2).equals("g") ? 1_000_000_000L : 1_000_000L;
      var bytes = Long.parseLong(match.group(1)) * factor;
      if (bytes >= least && bytes <= most) {
        return bytes;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        "give a size from %dm to %dg, like 512m or 4g"
            .formatted(least / 1_000_000, most / 1_000_000_000));
  }

  private double number(Variable name, double otherwise, double least, double most) {
    var said = said(name);
    if (said.isEmpty()) {
      return otherwise;
    }
    if (NUMBER.matcher(said.get()).matches()) {
      var number = Double.parseDouble(said.get());
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw new Refused(
        "%s is '%s'".formatted(name, said.get()),
        String.format(Locale.ROOT, "give a number from %s to %s", plain(least), plain(most)));
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
  }

  private static Duration unit(String letter) {
    return switch (letter) {
      case "h" -> Duration.ofHours(1);
      case "m" -> Duration.ofMinutes(1);
      default -> Duration.ofSeconds(1);
    };
  }
}

package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.Architecture;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Debian 13 as a mirror has it: the release and its security updates, each signed.
final class Archive {
  private static final Logger log = LoggerFactory.getLogger(Archive.class);
  private static final int INRELEASE = 4 << 20;
  private static final Pattern LISTED =
      Pattern.compile(
          "^ ([0-9a-f]{64}) +(\\d+) main/binary-" + Architecture.ofHost() + "/Packages\\.xz$",
          Pattern.MULTILINE);
  private static final Pattern VALID_UNTIL =
      Pattern.compile("^Valid-Until: (.+)$", Pattern.MULTILINE);

  private final Mirror mirror;
  private final String main;

  Archive(Mirror mirror) {
    this.mirror = mirror;
    this.main = mirror.address().url();
  }

  PackageIndex index() throws IOException {
    var index = new PackageIndex();
    if (!add(index, main, "trixie")) {
      throw new MirrorFailed(
          main + " has no Debian 13 (dists/trixie/InRelease): choose another mirror");
    }
    var security = main.replaceFirst("/debian$", "/debian-security");
    if (security.equals(main) || !add(index, security, "trixie-security")) {
      log.warn("{} has no security updates beside it: the base images go without", main);
    }
    return index;
  }

  private boolean add(PackageIndex index, String url, String suite) throws IOException {
    var dist = url + "/dists/" + suite + "/";
    var signed = mirror.read(URI.create(dist + "InRelease"), INRELEASE);
    if (signed.isEmpty()) {
      return false;
    }
    var release = SignedText.verified(signed.get(), dist + "InRelease");
    refuseOld(release, dist);
    var listed = LISTED.matcher(release);
    if (!release.contains("\nCodename: " + suite + "\n") || !listed.find()) {
      throw new MirrorFailed(dist + " is not Debian 13 for " + Architecture.ofHost());
    }
    var hash = listed.group(1);
    // By hash, so that a mirror which is just being updated cannot give the wrong one.
    var file = dist + "main/binary-" + Architecture.ofHost() + "/by-hash/SHA256/" + hash;
    index.add(mirror.fetch(URI.create(file), hash, Long.parseLong(listed.group(2))), url);
    return true;
  }

  private static void refuseOld(String release, String dist) throws MirrorFailed {
    var until = VALID_UNTIL.matcher(release);
    Optional<Instant> end =
        until.find()
            ? Optional.of(
                ZonedDateTime.parse(
                        until.group(1).replace("UTC", "GMT"), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant())
            : Optional.empty();
    if (end.isPresent() && end.get().isBefore(Instant.now())) {
      throw new MirrorFailed(
          dist + " is out of date since " + end.get() + ": choose another Debian mirror");
    }
  }
}

package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Has the builder look at once at an image that a rack refused as not signed, for each deployment
/// that waits for one. Only in memory: after a restart it is asked again.
///
/// Belongs to the controller's context, whose code runs one at a time between two waits.
final class SignatureLooks {
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final Surveys surveys;
  private final InstantSource clock;
  private final Map<UUID, Inquiry> inquiries = new HashMap<>();

  /// `asked` as long as an answer is on its way.
  private record Inquiry(
      SignatureLook look, Optional<Surveys.Asked<BuildWire.SignatureLook>> asked) {}

  SignatureLooks(Surveys surveys, InstantSource clock) {
    this.surveys = surveys;
    this.clock = clock;
  }

  /// Nothing where nobody asked.
  Optional<SignatureLook> of(UUID deployment) {
    var inquiry = inquiries.computeIfPresent(deployment, (_, open) -> heard(open));
    return Optional.ofNullable(inquiry).map(Inquiry::look);
  }

  /// Asks once, and again for what could not be told.
  void ask(UUID deployment, String image) {
    var now = clock.instant();
    var before = inquiries.get(deployment);
    if (before == null) {
      inquiries.put(deployment, asking(new SignatureLook.Asked(now), image));
    } else if (before.asked().isEmpty() && isDue(before.look(), now)) {
      inquiries.put(deployment, asking(before.look(), image));
    }
  }

  private static boolean isDue(SignatureLook look, Instant now) {
    return look instanceof SignatureLook.Stuck(_, var at, _) && !at.plus(AGAIN).isAfter(now);
  }

  private Inquiry asking(SignatureLook look, String image) {
    return new Inquiry(look, Optional.of(surveys.signature(image)));
  }

  private Inquiry heard(Inquiry open) {
    var asked = open.asked();
    if (asked.isEmpty() || !asked.get().answer().isComplete()) {
      return open;
    }
    surveys.end(asked.get());
    var answer =
        Optional.ofNullable(asked.get().answer().result())
            .map(asked.get().type()::cast)
            .orElse(BuildWire.SignatureLook.stuck("too many are looked at"));
    return new Inquiry(look(open.look(), answer), Optional.empty());
  }

  private SignatureLook look(SignatureLook before, BuildWire.SignatureLook answer) {
    var now = clock.instant();
    return switch (answer.outcome()) {
      case SIGNED -> new SignatureLook.Signed(now);
      case UNKNOWN -> new SignatureLook.Unknown();
      case STUCK -> new SignatureLook.Stuck(from(before, now), now, String.valueOf(answer.why()));
    };
  }

  private static Instant from(SignatureLook before, Instant now) {
    return switch (before) {
      case SignatureLook.Stuck(var from, _, _) -> from;
      case SignatureLook.Asked _, SignatureLook.Signed _, SignatureLook.Unknown _ -> now;
    };
  }

  void keepOnly(Set<UUID> deployments) {
    inquiries.entrySet().stream()
        .filter(entry -> !deployments.contains(entry.getKey()))
        .forEach(entry -> entry.getValue().asked().ifPresent(surveys::end));
    inquiries.keySet().retainAll(deployments);
  }
}

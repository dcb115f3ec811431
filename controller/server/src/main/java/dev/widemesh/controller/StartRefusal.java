package dev.widemesh.controller;

import dev.widemesh.model.Diagnosis;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Docker or the registry does not let something start: `what`, and `why` in their own words.
record StartRefusal(String what, String why, List<String> evidence) {
  /// For so long it may be a restart; the rack tries again meanwhile.
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /// So long an image may wait that cannot be signed for now.
  static final Duration SIGNING = Duration.ofMinutes(5);

  private static final String NO_PULL = "cannot pull ";
  private static final String NOT_SIGNED = " is not signed by this platform";
  private static final Pattern NO_SUCH_IMAGE =
      Pattern.compile("manifest unknown|unknown blob|blob unknown|not found");
  private static final Pattern NOT_LET_IN =
      Pattern.compile("unauthorized|no basic auth credentials|denied");

  static StartRefusal of(String what, @Nullable String why, List<String> evidence) {
    return new StartRefusal(what, why == null ? "no reason given" : why, evidence);
  }

  boolean isOfImage() {
    return why.startsWith(NO_PULL);
  }

  /// The registry answered, and will not answer otherwise.
  boolean isForGood() {
    return isOfImage() && (says(NO_SUCH_IMAGE) || says(NOT_LET_IN));
  }

  boolean isUnsigned() {
    return why.endsWith(NOT_SIGNED);
  }

  /// `look` is what the builder found of the image, where that is not signed.
  Diagnosis diagnosis(Optional<SignatureLook> look) {
    if (!isUnsigned()) {
      return new Diagnosis.Platform(what + " cannot be started: " + why, evidence, nextStep());
    }
    return look.map(this::unsigned).orElseGet(() -> new Diagnosis.NotSigned(what, why));
  }

  private Diagnosis unsigned(SignatureLook look) {
    return switch (look) {
      case SignatureLook.Signed _, SignatureLook.Unknown _ -> new Diagnosis.NotSigned(what, why);
      case SignatureLook.Asked _ ->
          notKnown(
              "the builder, which looks whether it is ours, does not answer",
              "look at ./widemesh status (the builder is a part of control), then push again");
      case SignatureLook.Stuck(_, _, var problem) ->
          notKnown(
              "it cannot be signed for now: " + problem,
              "mend that (mesh doctor --invariants names what is damaged), then push again");
    };
  }

  private Diagnosis notKnown(String more, String nextStep) {
    return new Diagnosis.Platform(
        "%s cannot be started: %s; %s".formatted(what, why, more), evidence, nextStep);
  }

  private String nextStep() {
    if (!isOfImage()) {
      return "look into the server's Docker, then push again";
    }
    if (says(NO_SUCH_IMAGE)) {
      return "push again: what the registry lacks is built anew";
    }
    return says(NOT_LET_IN)
        ? "./widemesh restart, so that rack and registry know the same password; then push again"
        : "look at ./widemesh status (the registry is a part of control), then push again";
  }

  private boolean says(Pattern words) {
    return words.matcher(why.toLowerCase(Locale.ROOT)).find();
  }
}

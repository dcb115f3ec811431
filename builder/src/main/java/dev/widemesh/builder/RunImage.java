package dev.widemesh.builder;

import dev.widemesh.builder.dockerfile.OutsideImages.Pulled;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// What the apps of `builder` stand on, of which `names` are the image that is meant and then its
/// mirrors. No mirror is asked once `limit` is over.
record RunImage(String builder, List<String> names, Duration limit) {
  /// More than one pull may take: a first name that is silent leaves time for a mirror.
  private static final Duration LIMIT = Duration.ofMinutes(6);

  RunImage {
    names = List.copyOf(names);
  }

  RunImage(String builder, List<String> names) {
    this(builder, names, LIMIT);
  }

  interface Registry {
    Pulled pull(String name) throws IOException, InterruptedException, BuildRefused;
  }

  /// The first that comes; `output` hears from where, if it is a mirror. What has nothing to do
  /// with that name, as a full disk or that the build `isStopped`, no mirror helps.
  Pulled pull(Registry registry, BooleanSupplier isStopped, Consumer<String> output)
      throws IOException, InterruptedException, BuildRefused {
    var end = System.nanoTime() + limit.toNanos();
    var refusals = new ArrayList<BuildRefused>();
    for (var name : names) {
      if (!refusals.isEmpty() && System.nanoTime() - end >= 0) {
        break;
      }
      try {
        var pulled = registry.pull(name);
        if (!refusals.isEmpty()) {
          output.accept("Run image from its mirror " + name);
        }
        return pulled;
      } catch (BuildRefused e) {
        if (!(e.diagnosis() instanceof Diagnosis.BuildFailed) || isStopped.getAsBoolean()) {
          throw e;
        }
        refusals.add(e);
      }
    }
    throw refusal(refusals);
  }

  private BuildRefused refusal(List<BuildRefused> refusals) {
    var first = refusals.getFirst();
    return BuildRefused.because(
        "the run image of the builder %s does not come: %s%s%s"
            .formatted(
                builder,
                first.getMessage(),
                mirrors("; nor does its mirror", "; nor do its %d mirrors", refusals.size() - 1),
                mirrors(
                    "; a mirror was not asked any more, after so long",
                    "; %d mirrors were not asked any more, after so long",
                    names.size() - refusals.size())),
        first.diagnosis().nextStep());
  }

  private static String mirrors(String one, String more, int count) {
    return Optional.of(count)
        .filter(mirrors -> mirrors > 0)
        .map(mirrors -> mirrors == 1 ? one : more.formatted(mirrors))
        .orElse("");
  }
}

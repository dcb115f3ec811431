package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.Bases.Pair;
import dev.widemesh.builder.image.Layer;
import dev.widemesh.builder.image.LayerPatch;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Patching;
import dev.widemesh.builder.lifecycle.PhaseClock;
import dev.widemesh.builder.lifecycle.Reads;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The short way where nothing changed but the content of files that no buildpack looks into: these
/// go into the layers of the stack's last image. What comes out is the image that a build would
/// make. Whatever is in doubt is left to a build.
final class PatchBuild {
  private static final Logger log = LoggerFactory.getLogger(PatchBuild.class);

  /// Of the changed files, before and after: they are held in memory.
  private static final Sources.Limits LIMITS = new Sources.Limits(16_000_000, 1_000);

  /// To find out whether a build looks into the changed files: by then it could have begun.
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(2);

  /// Of the layers with the app's files: more of them takes as long to write as a build.
  private static final long MOST_BYTES = 1_000_000_000;

  private final Build.Tools tools;
  private final String claim;
  private final Job job;
  private final BuildOutput output;
  private final PhaseClock clock = new PhaseClock();
  private volatile boolean stopped;

  PatchBuild(
      Build.Tools tools, String claim, Job job, BuildOutput output, Consumer<Runnable> onCancel) {
    this.tools = tools;
    this.claim = claim;
    this.job = job;
    this.output = output;
    onCancel.accept(() -> stopped = true);
  }

  /// Empty where it takes a build; `frame` as in [KeptImage].
  Optional<Built> run(Pair bases, String frame, String inputs) throws BuildRefused {
    try (var patching = tools.lifecycle().patch(claim, job.stackId())) {
      var kept = patching.image().flatMap(KeptImage::parse);
      if (kept.isEmpty() || !kept.get().isOf(tools.lifecycle().life(), frame, job.root())) {
        return Optional.empty();
      }
      var changes = changes(kept.get());
      clock.lap("compare");
      return changes.isEmpty()
          ? Optional.empty()
          : patched(patching, bases, kept.get(), changes, inputs);
    } catch (IOException | RuntimeException e) {
      return build(String.valueOf(e.getMessage()));
    }
  }

  private <T> Optional<T> build(String why) {
    log.info("build {}: the last image does not do: {}", job.deployment(), TerminalText.clean(why));
    return Optional.empty();
  }

  /// None where there is more to it than other content of files that nobody looks into.
  private List<FileChange> changes(KeptImage kept) throws IOException, BuildRefused {
    var changes = tools.sources().changes(job.stackId(), kept.commit(), job.commit(), LIMITS);
    if (changes.isEmpty()) {
      build("more than the content of files changed since " + kept.commit());
      return List.of();
    }
    if (changes.get().isEmpty()) {
      build("no file changed");
    }
    var reads = Reads.of(kept.assembly().reads());
    var end = System.nanoTime() + LONGEST_LOOK.toNanos();
    for (var change : changes.get()) {
      requireWanted();
      if (System.nanoTime() > end) {
        build("to see what a build looks into takes too long");
        return List.of();
      }
      if (reads.see(change.path(), change.before(), change.after())) {
        build("a build looks into " + change.path());
        return List.of();
      }
    }
    return changes.get();
  }

  private Optional<Built> patched(
      Patching patching, Pair bases, KeptImage kept, List<FileChange> changes, String inputs)
      throws IOException, BuildRefused {
    requireWanted();
    var app = layers(patching, kept.assembly().app(), changes);
    if (app.isEmpty()) {
      return Optional.empty();
    }
    Failpoint.LAYERS_PATCHED.pass();
    clock.lap("patch");
    requireWanted();
    var assembly = kept.assembly().with(app, job.commit());
    var pushed = tools.exporter().push(BuildpackBuild.recipe(job, assembly, bases));
    Failpoint.IMAGE_PUSHED.pass();
    clock.lap("push");
    mention(changes.size());
    new PushedWords(pushed, assembly.reused()).say(output);
    var built = BuildpackBuild.like(kept.built(), pushed.reference(), inputs);
    keep(patching, kept.with(job.commit(), assembly, built));
    return Optional.of(built);
  }

  private void mention(int files) {
    output.step(
        "Only files changed that no buildpack looks into: %s put into the last image"
            .formatted(files == 1 ? "1 file" : files + " files"));
  }

  /// The image is there: without a note of it, the next change is compared with the one before.
  private void keep(Patching patching, KeptImage image) {
    try {
      var text = image.text();
      if (text.isPresent()) {
        patching.keepImage(text.get());
      }
    } catch (IOException e) {
      log.warn("build {}: its image cannot be noted: {}", job.deployment(), e.toString());
    }
    Failpoint.CACHE_KEPT.pass();
    log.info("build {}: {}", job.deployment(), clock);
  }

  private void requireWanted() throws BuildRefused {
    if (stopped) {
      throw BuildRefused.because("the build was stopped", "push again");
    }
  }

  /// None where one is not kept any more, or a file is in none of them.
  private List<Layer> layers(Patching patching, List<Layer> app, List<FileChange> changes)
      throws IOException, BuildRefused {
    if (app.stream().mapToLong(Layer::bytes).sum() > MOST_BYTES) {
      build("the app has more than %,d MB".formatted(MOST_BYTES / 1_000_000));
      return List.of();
    }
    var left = new HashSet<>(changes);
    var layers = new ArrayList<Layer>();
    for (var layer : app) {
      requireWanted();
      layers.add(left.isEmpty() ? layer : patched(patching, layer, left).orElse(layer));
    }
    if (!left.isEmpty()) {
      build("the image has no " + left.iterator().next().path());
      return List.of();
    }
    return layers;
  }

  /// Takes what it found out of `left`; empty where that is nothing.
  private Optional<Layer> patched(Patching patching, Layer layer, Set<FileChange> left)
      throws IOException {
    var patch = LayerPatch.of(layer);
    left.forEach(each -> patch.replace(inside(each), each.before(), each.after()));
    try (var tar = tools.exporter().open(layer)) {
      var written = patch.write(tar, patching.tars());
      left.removeIf(each -> patch.has(inside(each)));
      return written;
    }
  }

  private static String inside(FileChange change) {
    return "/workspace/" + change.path();
  }
}

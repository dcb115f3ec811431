package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.supply.Submodules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// The files of a commit, written out for its build within bounds, and those of its submodules.
final class SourceTree {
  /// Changes when another tree is made of the same commit: what was built of it before is no answer
  /// then.
  static final String FORM = "submodules but with update = none, LFS";

  private static final Sources.Limits LIMITS = new Sources.Limits(2_000_000_000, 200_000);
  private static final int SHOWN = 5;

  private SourceTree() {}

  static void write(
      Build.Tools tools, Job job, Path into, BuildOutput output, Consumer<Runnable> onCancel)
      throws IOException, InterruptedException, BuildRefused {
    var written = tools.sources().export(job.stackId(), job.commit(), into, LIMITS);
    if (!written.submodules().isEmpty() || !written.leftOut().isEmpty()) {
      try (var deliveries = tools.supply().beginSubmodules(job.stackId())) {
        onCancel.accept(deliveries::stop);
        new Submodules(deliveries, LIMITS, output::detail).place(written, into);
      }
    }
    if (!written.linksOut().isEmpty()) {
      output.detail(
          "Links that lead out of the app, to nothing of yours: " + some(written.linksOut()));
    }
  }

  private static String some(List<String> all) {
    var shown = String.join(", ", all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() > SHOWN ? shown + " and %,d more".formatted(all.size() - SHOWN) : shown;
  }
}

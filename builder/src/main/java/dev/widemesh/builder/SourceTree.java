package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The files of a commit, written out for its build within bounds.
final class SourceTree {
  private static final Sources.Limits LIMITS = new Sources.Limits(2_000_000_000, 200_000);
  private static final int SHOWN = 5;

  private SourceTree() {}

  static void write(Sources sources, Job job, Path into, BuildOutput output) throws IOException {
    var linksOut = sources.export(job.stackId(), job.commit(), into, LIMITS);
    if (!linksOut.isEmpty()) {
      output.detail("Links that lead out of the app, to nothing of yours: " + some(linksOut));
    }
  }

  private static String some(List<String> all) {
    var shown = String.join(", ", all.subList(0, Math.min(SHOWN, all.size())));
    return all.size() > SHOWN ? shown + " and %,d more".formatted(all.size() - SHOWN) : shown;
  }
}

package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.InstanceSet;

/// One thing to do in an environment. `key` is what no other step may touch meanwhile.
sealed interface Step {
  String key();

  record Create(InstanceSet set, int index) implements Step {
    @Override
    public String key() {
      return set.instance(index);
    }
  }

  /// A container that was made but never started. Its key is that of its making, which may still go
  /// on.
  record Start(Seen seen) implements Step {
    @Override
    public String key() {
      var labels = seen.labels();
      return labels.isJob() ? "job " + labels.job() : labels.instance();
    }
  }

  /// A crashed one, after its pause.
  record Restart(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  /// A crashed one, after its pause, whose files are to go as well: a new one takes its place.
  record Replace(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  record RunJob(Job job) implements Step {
    @Override
    public String key() {
      return "job " + job.id();
    }
  }

  /// No new requests; running ones may end.
  record Drain(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  /// It keeps its traffic until its successors are ready.
  record Hold(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  /// It is wanted again.
  record Resume(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  record Terminate(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  record Kill(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }

  record Remove(Seen seen) implements Step {
    @Override
    public String key() {
      return seen.container();
    }
  }
}

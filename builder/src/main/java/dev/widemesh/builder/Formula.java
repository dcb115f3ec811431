package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Job;
import java.io.IOException;

/// How a stack is built. The first deployment that is built decides, and the controller remembers.
enum Formula {
  BUILDPACK("buildpack"),
  DOCKERFILE("dockerfile");

  private final String word;

  Formula(String word) {
    this.word = word;
  }

  /// As it stands on the wire.
  String word() {
    return word;
  }

  static Formula of(Job job, Sources sources) throws IOException {
    var chosen = job.formula();
    if (chosen != null) {
      return chosen.equals(DOCKERFILE.word) ? DOCKERFILE : BUILDPACK;
    }
    if (!job.buildpacks().isEmpty() || job.builder() != null) {
      return BUILDPACK;
    }
    var hasDockerfile = sources.file(job.stackId(), job.commit(), job.dockerfile(), 0).isPresent();
    return hasDockerfile ? DOCKERFILE : BUILDPACK;
  }
}

package dev.widemesh.api;

import dev.widemesh.model.Diagnosis;
import java.util.List;

/// A [Diagnosis] on the wire.
public record Cause(String code, String summary, List<String> evidence, String nextStep) {
  public Cause {
    evidence = List.copyOf(evidence);
  }

  public static Cause of(Diagnosis diagnosis) {
    return new Cause(
        diagnosis.code(), diagnosis.summary(), diagnosis.evidence(), diagnosis.nextStep());
  }
}

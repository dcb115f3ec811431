package dev.widemesh.builder.lifecycle;

import dev.widemesh.model.Diagnosis;
import java.util.List;

/// The build ends here, for a reason that people are told.
public final class BuildRefused extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient Diagnosis diagnosis;

  public BuildRefused(Diagnosis diagnosis) {
    super(diagnosis.summary());
    this.diagnosis = diagnosis;
  }

  public static BuildRefused because(String what, String nextStep) {
    return new BuildRefused(new Diagnosis.BuildFailed(what, List.of(), nextStep));
  }

  public Diagnosis diagnosis() {
    return diagnosis;
  }
}

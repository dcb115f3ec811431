package dev.widemesh.builder;

/// A commit has more than it may: the limits that were given for it.
public final class SourceTooLarge extends SourceRefused {
  private static final long serialVersionUID = 1L;

  public SourceTooLarge(String what, String nextStep) {
    super(what, nextStep);
  }
}

package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.lifecycle.BuildRefused;

/// How much may still come of submodules into one place: `left` of what `bound` allows. All of an
/// app are counted in one account: what one may have is what is left of that of the tree that names
/// it, before anything of it is written.
record Room(Limits bound, Limits left) {
  /// What one may have, with those in it.
  private static final Limits ONE = new Limits(Supply.MOST_UNPACKED, Supply.MOST_FILES);

  static Room of(Limits bound) {
    return new Room(bound, bound);
  }

  /// For one more beside what is there.
  Room beside(Extent there) {
    var bytes = Math.max(0, left.bytes() - there.bytes());
    var files = Math.max(0, left.files() - there.files());
    return new Room(
        new Limits(
            bytes < ONE.bytes() ? bound.bytes() : ONE.bytes(),
            files < ONE.files() ? bound.files() : ONE.files()),
        new Limits(Math.min(bytes, ONE.bytes()), Math.min(files, ONE.files())));
  }

  /// Whether one has all that one alone may have.
  boolean isOfOne() {
    return left.equals(ONE);
  }

  void require(Extent whole) throws BuildRefused {
    if (whole.files() > left.files() || whole.bytes() > left.bytes()) {
      throw refusal();
    }
  }

  BuildRefused refusal() {
    return BuildRefused.because(
        "the submodules have more than %,d MB or %,d files together"
            .formatted(bound.bytes() / 1_000_000, bound.files()),
        Cargo.SUBMODULE.saving());
  }
}

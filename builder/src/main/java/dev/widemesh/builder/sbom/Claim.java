package dev.widemesh.builder.sbom;

/// What a list of packages says in one place.
sealed interface Claim permits Component, Claim.None, Claim.Unfit {
  /// Of no package.
  record None() implements Claim {}

  /// Of a package that has no name, group or version that one could have: nothing is known of it
  /// but that it is there. What is cut would be the name of another one.
  record Unfit() implements Claim {}
}

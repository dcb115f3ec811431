package dev.widemesh.builder.supply;

/// What is fetched through a gate, in the words of those who asked for it.
enum Cargo {
  BUILDPACK(
      "a buildpack",
      "buildpacks",
      "correct the address in mesh stack buildpacks",
      "take smaller ones, or fewer: mesh stack buildpacks ls"),
  SUBMODULE(
      "a submodule",
      "submodules",
      "correct its url in .gitmodules",
      "take smaller ones, or commit the files that are needed instead");

  private final String one;
  private final String many;
  private final String correction;
  private final String saving;

  Cargo(String one, String many, String correction, String saving) {
    this.one = one;
    this.many = many;
    this.correction = correction;
    this.saving = saving;
  }

  String one() {
    return one;
  }

  String many() {
    return many;
  }

  /// What helps against an address that leads nowhere.
  String correction() {
    return correction;
  }

  /// What helps against too much.
  String saving() {
    return saving;
  }
}

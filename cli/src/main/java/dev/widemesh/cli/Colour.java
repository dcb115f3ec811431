package dev.widemesh.cli;

/// Colours and weights of a terminal (ECMA-48 SGR).
enum Colour {
  PLAIN(""),
  BOLD("1"),
  DIM("2"),
  RED("31"),
  GREEN("32"),
  YELLOW("33"),
  BLUE("34"),
  MAGENTA("35"),
  CYAN("36");

  private final String code;

  Colour(String code) {
    this.code = code;
  }

  String paint(String text) {
    return this == PLAIN ? text : "\033[" + code + "m" + text + "\033[0m";
  }

  /// The colour of the state of a deployment or an instance.
  static Colour of(String state) {
    return switch (state) {
      case "live", "ready", "connected" -> GREEN;
      case "failed", "crashed", "unhealthy", "refused", "not connected" -> RED;
      case "queued", "building", "releasing", "preparing" -> YELLOW;
      case "pulling", "starting", "draining", "stopping", "behind" -> YELLOW;
      case "superseded", "cancelled" -> DIM;
      default -> PLAIN;
    };
  }
}

package dev.widemesh.allinone;

import dev.widemesh.git.PushLimits;
import java.util.Map;

/// What an operator may choose of the limits on a push; the rest is in docs/limits.md.
final class PushSettings {
  private static final String FILE = "WIDEMESH_MAX_FILE_MB";
  private static final String PUSH = "WIDEMESH_MAX_PUSH_MB";
  // Three times a file must fit into memory.
  private static final int LARGEST_FILE = 150;
  private static final int LARGEST_PUSH = 100_000;
  private static final int MEGABYTE = 1_000_000;

  private PushSettings() {}

  static PushLimits of(Map<String, String> environment) {
    var standard = PushLimits.DEFAULT;
    var file = megabytes(environment, FILE, standard.file() / MEGABYTE, LARGEST_FILE);
    var push = megabytes(environment, PUSH, (int) (standard.pack() / MEGABYTE), LARGEST_PUSH);
    return standard.with(file * MEGABYTE, (long) push * MEGABYTE);
  }

  private static int megabytes(
      Map<String, String> environment, String name, int standard, int largest) {
    var text = environment.getOrDefault(name, "").strip();
    if (text.isEmpty()) {
      return standard;
    }
    if (!text.matches("[1-9][0-9]{0,5}") || Integer.parseInt(text) > largest) {
      throw new Refused(
          "%s is '%s', which is not a number of megabytes from 1 to %d"
              .formatted(name, text, largest),
          "%s=%d, or leave it out".formatted(name, standard));
    }
    return Integer.parseInt(text);
  }
}

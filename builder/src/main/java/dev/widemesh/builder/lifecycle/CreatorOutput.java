package dev.widemesh.builder.lifecycle;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// What a lifecycle prints, in the words of this platform: its phases are steps. What it says of
/// itself and nobody here can change is left out.
record CreatorOutput(Consumer<String> transcript) implements Consumer<String> {
  private static final String PHASE = "===> ";
  private static final Map<String, String> STEPS =
      Map.of(
          "ANALYZING", "Looking at the image before",
          "DETECTING", "Looking for buildpacks that recognise the app",
          "RESTORING", "Taking over what was kept",
          "BUILDING", "Building",
          "EXPORTING", "Making the image");

  /// Of the folders that it is given instead of a registry.
  private static final List<String> OURS =
      List.of("experimental feature 'export to OCI layout format'", CreatorRun.LAYOUT + "/");

  @Override
  public void accept(String line) {
    if (line.startsWith(PHASE)) {
      var phase = line.substring(PHASE.length()).strip();
      transcript.accept(Transcript.STEP + STEPS.getOrDefault(phase, phase));
    } else if (OURS.stream().noneMatch(line::contains)) {
      transcript.accept(line);
    }
  }
}

package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;

/// Finds what images stand for.
interface BaseImages {
  /// The image as the engine has it now, named so that nothing else can be meant.
  String find(Instruction where, String name)
      throws IOException, InterruptedException, BuildRefused;
}

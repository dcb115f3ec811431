/// The platform's side of Cloud Native Buildpacks: detect, restore, build, export, launcher.
///
/// What is decided is pure ([OrderExpansion], [Trials], [Processes]); the phases act.
@NullMarked
package dev.widemesh.builder.lifecycle;

import org.jspecify.annotations.NullMarked;

/// The formula `dockerfile`: the engine's own builder, with limits.
///
/// What is decided is pure ([Dockerfile], [Preparation], [IgnoreRules]); [DockerfileRun] acts.
@NullMarked
package dev.widemesh.builder.dockerfile;

import org.jspecify.annotations.NullMarked;

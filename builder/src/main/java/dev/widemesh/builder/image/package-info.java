/// Layers as deterministic tars, and images made of them.
@NullMarked
package dev.widemesh.builder.image;

import org.jspecify.annotations.NullMarked;

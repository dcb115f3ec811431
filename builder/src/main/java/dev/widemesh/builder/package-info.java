/// Turns a source tree into an image, and serves the registry that holds the images.
@NullMarked
package dev.widemesh.builder;

import org.jspecify.annotations.NullMarked;

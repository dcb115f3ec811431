/// Reads out of an image's layers what software is in it, and writes that down as CycloneDX.
/// Nothing of an image is believed: all that is read is bounded, and nothing of it becomes a path
/// on the disk.
@NullMarked
package dev.widemesh.builder.sbom;

import org.jspecify.annotations.NullMarked;

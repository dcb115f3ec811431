package dev.widemesh.builder.image;

import java.nio.file.Path;

/// An uncompressed, deterministic tar. `diffId` is `sha256:` and the hash of the tar, which lies at
/// `tar`; `bytes` is its length. The tar may be gone when the exporter has pushed it before.
public record Layer(String name, String diffId, Path tar, long bytes) {}

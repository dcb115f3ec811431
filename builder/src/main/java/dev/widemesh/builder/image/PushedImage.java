package dev.widemesh.builder.image;

/// `reference` is `<repository>@sha256:<hex>`. Layers of the base count as neither reused nor
/// pushed.
public record PushedImage(String reference, int layersReused, int layersPushed, long bytesPushed) {}

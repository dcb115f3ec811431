package dev.widemesh.builder;

import dev.widemesh.builder.debian.Base;
import dev.widemesh.builder.debian.BaseImages;
import dev.widemesh.builder.debian.BaseImagesConfig;
import dev.widemesh.builder.image.ImageExporter;
import java.io.IOException;
import java.util.function.Consumer;

/// Base images made here from Debian packages.
final class DebianBases implements BaseSource {
  private final BaseImages images;

  DebianBases(BuilderConfig config, ImageExporter exporter) {
    var network = config.network();
    images =
        new BaseImages(
            new BaseImagesConfig(
                config.cache(), network.mirrors().debian(), network.caBundle(), network.proxies()),
            exporter);
  }

  @Override
  public Base run(Consumer<String> progress) throws IOException {
    return images.run(progress);
  }

  @Override
  public Base build(Consumer<String> progress) throws IOException {
    return images.build(progress);
  }
}

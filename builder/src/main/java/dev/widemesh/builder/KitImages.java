package dev.widemesh.builder;

import dev.widemesh.builder.debian.BaseImages;
import dev.widemesh.builder.debian.BaseImagesConfig;
import dev.widemesh.builder.dockerfile.BuildKit;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.util.function.Consumer;

/// The images that BuildKit is compiled and run in, in the platform's own registry.
record KitImages(BuilderConfig config, ImageExporter exporter, Bases bases)
    implements BuildKit.Images {
  @Override
  public String kit(Consumer<String> progress) throws IOException {
    var network = config.network();
    var images =
        new BaseImages(
            new BaseImagesConfig(
                config.cache(), network.mirrors().debian(), network.caBundle(), network.proxies()),
            exporter);
    return local(images.kit(progress).reference());
  }

  @Override
  public String build(Consumer<String> progress) throws InterruptedException, BuildRefused {
    return local(bases.get(progress).build().reference());
  }

  private String local(String reference) {
    return config.registry().address() + "/" + reference;
  }
}

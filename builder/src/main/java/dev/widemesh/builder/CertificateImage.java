package dev.widemesh.builder;

import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.image.ImageRecipe;
import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The image `widemesh/ca`: nothing but `/ca.crt`, the certificates that builds trust here, empty
/// where there are none. A step that fetches over a company's proxy takes it by `COPY --from`, and
/// what it builds has it only if it says so.
record CertificateImage(ImageExporter exporter, Optional<Path> bundle, Path store) {
  static final String NAME = "widemesh/ca";

  private static final ImageRecipe.Settings PLAIN =
      new ImageRecipe.Settings(Map.of(), Map.of(), "", "", List.of(), List.of(), Set.of());

  /// As it lies in the registry now, `<repository>@<digest>`. Costs nothing where it is the same.
  String reference() throws IOException {
    Files.createDirectories(store);
    var certificates = bundle.isPresent() ? Files.readAllBytes(bundle.get()) : new byte[0];
    var layer =
        LayerTar.named("certificates").file("ca.crt", certificates, 0644, Owner.ROOT).write(store);
    return exporter
        .push(new ImageRecipe(NAME, Optional.empty(), List.of(layer), PLAIN))
        .reference();
  }
}

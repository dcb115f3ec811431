package dev.widemesh.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A manifest that is no image but says something about one, its `subject`: so a registry lists it
/// among that image's referrers (OCI image-spec 1.1, "Guidelines for Artifact Usage").
public final class ArtifactManifest {
  public static final String MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";

  /// The configuration of what is no image.
  public static final String EMPTY = "{}";

  public static final String EMPTY_DIGEST =
      "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

  private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";

  private ArtifactManifest() {}

  /// A manifest or blob as others name it.
  public record Descriptor(String mediaType, String digest, long size) {}

  public static String of(
      String artifactType, Descriptor content, Map<String, String> annotations, Descriptor image) {
    var layer = described(content);
    if (!annotations.isEmpty()) {
      layer.put("annotations", annotations);
    }
    var manifest = new LinkedHashMap<String, Object>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MEDIA_TYPE);
    manifest.put("artifactType", artifactType);
    manifest.put("config", described(new Descriptor(EMPTY_TYPE, EMPTY_DIGEST, EMPTY.length())));
    manifest.put("layers", List.of(layer));
    manifest.put("subject", described(image));
    return Json.write(manifest);
  }

  private static Map<String, Object> described(Descriptor content) {
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put("mediaType", content.mediaType());
    descriptor.put("digest", content.digest());
    descriptor.put("size", content.size());
    return descriptor;
  }
}

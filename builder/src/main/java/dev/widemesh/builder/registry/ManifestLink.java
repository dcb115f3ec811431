package dev.widemesh.builder.registry;

import java.util.Map;

/// What lies in a repository for each of its manifests. Empty text stands for nothing.
record ManifestLink(
    String mediaType,
    long size,
    String artifactType,
    String subject,
    Map<String, String> annotations) {
  ManifestLink {
    annotations = Map.copyOf(annotations);
  }
}

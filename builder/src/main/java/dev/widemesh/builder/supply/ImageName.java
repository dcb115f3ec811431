package dev.widemesh.builder.supply;

import dev.widemesh.model.RegistryHost;
import java.net.URI;

/// Where an image lies, and its tag or digest; `latest` where neither is said.
record ImageName(RegistryHost host, String repository, String version) {
  private static final String HUB = "registry-1.docker.io";

  /// Read as Docker reads it. The text is one that a reference to an image holds.
  static ImageName parse(String text) {
    var host = RegistryHost.ofImage(text).orElse(RegistryHost.HUB);
    var slash = text.indexOf('/');
    var isNamed =
        slash > 0 && RegistryHost.parse(text.substring(0, slash)).filter(host::equals).isPresent();
    var rest = isNamed ? text.substring(slash + 1) : text;
    var at = rest.indexOf('@');
    var tagged = at < 0 ? rest : rest.substring(0, at);
    var colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
    var repository = colon < 0 ? tagged : tagged.substring(0, colon);
    var tag = colon < 0 ? "latest" : tagged.substring(colon + 1);
    var isLibrary = host.equals(RegistryHost.HUB) && !repository.contains("/");
    return new ImageName(
        host,
        isLibrary ? "library/" + repository : repository,
        at < 0 ? tag : rest.substring(at + 1));
  }

  boolean isDigest() {
    return version.startsWith("sha256:");
  }

  /// `what` is `manifests` or `blobs`.
  URI address(String what, String reference) {
    var authority = host.equals(RegistryHost.HUB) ? HUB : host.value();
    return URI.create("https://%s/v2/%s/%s/%s".formatted(authority, repository, what, reference));
  }

  @Override
  public String toString() {
    return host + "/" + repository + (isDigest() ? "@" : ":") + version;
  }
}

package dev.widemesh.builder.registry;

import java.io.IOException;

/// Answers one request: which method on which resource.
final class Desk {
  private final BlobDesk blobs;
  private final UploadDesk uploads;
  private final ManifestDesk manifests;
  private final ListDesk lists;

  Desk(Store store, Uploads open) {
    var kept = new Manifests(store);
    blobs = new BlobDesk(store, kept);
    uploads = new UploadDesk(store, open);
    manifests = new ManifestDesk(kept);
    lists = new ListDesk(store, kept);
  }

  void serve(Exchange exchange, Resource resource) throws IOException, RegistryFailure {
    switch (resource) {
      case Resource.Version _ -> lists.version(exchange);
      case Resource.Blob blob -> blobs.serve(exchange, blob);
      case Resource.NewUpload upload -> uploads.begin(exchange, upload);
      case Resource.Upload upload -> uploads.serve(exchange, upload);
      case Resource.Tagged tagged -> manifests.serve(exchange, tagged);
      case Resource.Manifest manifest -> manifests.serve(exchange, manifest);
      case Resource.Tags tags -> lists.tags(exchange, tags);
      case Resource.Referrers referrers -> lists.referrers(exchange, referrers);
    }
  }

  static RegistryFailure notAllowed(Exchange exchange) {
    return RegistryFailure.of(
        ErrorCode.UNSUPPORTED, exchange.method().name() + " is not possible here");
  }
}

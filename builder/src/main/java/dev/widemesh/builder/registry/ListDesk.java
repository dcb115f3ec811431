package dev.widemesh.builder.registry;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Answers what there is: tags, referrers, and that this is a registry.
final class ListDesk {
  private static final int MOST = 1000;
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private record TagList(String name, List<String> tags) {}

  private final Store store;
  private final Manifests manifests;

  ListDesk(Store store, Manifests manifests) {
    this.store = store;
    this.manifests = manifests;
  }

  void version(Exchange exchange) throws RegistryFailure {
    onlyReading(exchange);
    send(exchange, Map.of(), "application/json", Map.of());
  }

  void tags(Exchange exchange, Resource.Tags target) throws IOException, RegistryFailure {
    onlyReading(exchange);
    var repository = target.repository();
    if (!store.has(repository)) {
      throw target.absent();
    }
    var count = count(exchange.query("n").orElse(String.valueOf(MOST)));
    var last = exchange.query("last").orElse("");
    var after = manifests.tags(repository).stream().filter(tag -> tag.compareTo(last) > 0).toList();
    var page = after.subList(0, Math.min(count, after.size()));
    var headers = new HashMap<String, String>();
    if (page.size() < after.size() && !page.isEmpty()) {
      headers.put(
          "Link",
          "</v2/%s/tags/list?n=%d&last=%s>; rel=\"next\""
              .formatted(repository, count, page.getLast()));
    }
    send(exchange, new TagList(repository, page), "application/json", headers);
  }

  private static int count(String text) throws RegistryFailure {
    try {
      var count = Integer.parseInt(text);
      if (count >= 0) {
        return Math.min(count, MOST);
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new RegistryFailure(
        400, ErrorCode.UNSUPPORTED, "n is a number from 0, not '" + text + "'", Map.of());
  }

  void referrers(Exchange exchange, Resource.Referrers target) throws IOException, RegistryFailure {
    onlyReading(exchange);
    var type = exchange.query("artifactType").orElse("");
    var last = exchange.query("last").orElse("");
    var found =
        manifests.referrers(target.repository(), target.subject()).stream()
            .filter(each -> type.isEmpty() || each.link().artifactType().equals(type))
            .filter(each -> each.digest().toString().compareTo(last) > 0)
            .toList();
    var page = page(found);
    var headers = new HashMap<String, String>();
    if (!type.isEmpty()) {
      headers.put("OCI-Filters-Applied", "artifactType");
    }
    if (page.size() < found.size()) {
      headers.put("Link", next(target, type, page.getLast().digest()));
    }
    var descriptors = page.stream().map(ListDesk::descriptor).toList();
    var index = Map.of("schemaVersion", 2, "mediaType", INDEX, "manifests", descriptors);
    send(exchange, index, INDEX, headers);
  }

  /// Clients need take no index that is larger than a manifest. An entry is never larger than what
  /// it describes.
  private static List<Manifests.Referrer> page(List<Manifests.Referrer> found) {
    var size = 0L;
    for (var i = 0; i < Math.min(found.size(), MOST); i++) {
      size += found.get(i).link().size();
      if (i > 0 && size > ManifestDesk.LIMIT) {
        return found.subList(0, i);
      }
    }
    return found.subList(0, Math.min(found.size(), MOST));
  }

  private static String next(Resource.Referrers target, String type, Digest last) {
    var filter =
        type.isEmpty()
            ? ""
            : "artifactType=" + URLEncoder.encode(type, StandardCharsets.UTF_8) + "&";
    return "</v2/%s/referrers/%s?%slast=%s>; rel=\"next\""
        .formatted(target.repository(), target.subject(), filter, last);
  }

  private static Map<String, Object> descriptor(Manifests.Referrer referrer) {
    var link = referrer.link();
    var descriptor = new TreeMap<String, Object>();
    descriptor.put("mediaType", link.mediaType());
    descriptor.put("digest", referrer.digest().toString());
    descriptor.put("size", link.size());
    if (!link.artifactType().isEmpty()) {
      descriptor.put("artifactType", link.artifactType());
    }
    if (!link.annotations().isEmpty()) {
      descriptor.put("annotations", link.annotations());
    }
    return descriptor;
  }

  private static void onlyReading(Exchange exchange) throws RegistryFailure {
    if (!List.of("GET", "HEAD").contains(exchange.method().name())) {
      throw Desk.notAllowed(exchange);
    }
  }

  private static void send(
      Exchange exchange, Object body, String type, Map<String, String> headers) {
    var all = new HashMap<>(headers);
    all.put("Content-Type", type);
    exchange.answer(200, all, Json.write(body).getBytes(StandardCharsets.UTF_8));
  }
}

package dev.widemesh.builder;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.widemesh.api.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Who made an image of what, in the format in-toto Statement v1 with the predicate SLSA provenance
/// v1: a text in JSON.
record Statement(String text) {
  static final String PREDICATE = "https://slsa.dev/provenance/v1";
  private static final String TYPE = "https://in-toto.io/Statement/v1";

  /// What a builder of this kind does; docs/images.md says what the parameters are.
  private static final String BUILD = "https://widemesh.dev/build/";

  /// Which platform it is, its key says.
  private static final String BUILDER = "https://widemesh.dev/builder/v1";

  private static final String BILL = "application/vnd.cyclonedx+json";

  /// `image` is `<repository>@<digest>`, `bill` the digest of its bill of materials.
  static Statement of(String image, Making making, String bill) {
    var at = image.indexOf('@');
    var statement = new LinkedHashMap<String, Object>();
    statement.put("_type", TYPE);
    statement.put(
        "subject",
        List.of(described("name", image.substring(0, at), sha256(image.substring(at + 1)))));
    statement.put("predicateType", PREDICATE);
    var predicate = new LinkedHashMap<String, Object>();
    predicate.put("buildDefinition", definition(making));
    predicate.put("runDetails", run(making, bill));
    statement.put("predicate", predicate);
    return new Statement(Json.write(statement));
  }

  private static Map<String, Object> definition(Making making) {
    var definition = new LinkedHashMap<String, Object>();
    var kind = making.image().isEmpty() ? making.formula() : "image";
    definition.put("buildType", BUILD + kind + "/v1");
    definition.put("externalParameters", parameters(making));
    definition.put("resolvedDependencies", dependencies(making));
    return definition;
  }

  private static Map<String, Object> parameters(Making making) {
    var parameters = new LinkedHashMap<String, Object>();
    parameters.put("environment", making.environment());
    parameters.put("stack", making.stack());
    var others = new LinkedHashMap<String, String>();
    others.put("commit", making.commit());
    others.put("root", making.root());
    others.put("dockerfile", making.dockerfile());
    var stage = making.stage();
    others.put("stage", stage == null ? "" : stage);
    others.put("image", making.image());
    others.forEach(
        (name, value) -> {
          if (!value.isEmpty()) {
            parameters.put(name, value);
          }
        });
    parameters.put("settings", making.settings());
    return parameters;
  }

  private static List<Map<String, Object>> dependencies(Making making) {
    var all = new ArrayList<Map<String, Object>>();
    if (!making.commit().isEmpty()) {
      var repository = "widemesh:%s/%s".formatted(making.environment(), making.stack());
      all.add(described("uri", repository, Map.of("gitCommit", making.commit())));
    }
    for (var material : making.materials()) {
      var dependency = described("name", material.name(), digests(material));
      dependency.put("uri", material.uri());
      if (!material.version().isEmpty()) {
        dependency.put("annotations", Map.of("version", material.version()));
      }
      all.add(dependency);
    }
    return all;
  }

  private static Map<String, String> digests(Making.Material material) {
    var digests = new TreeMap<>(sha256(material.digest()));
    var commit = material.commit();
    if (commit != null) {
      digests.put("gitCommit", commit);
    }
    return digests;
  }

  private static Map<String, Object> run(Making making, String bill) {
    var run = new LinkedHashMap<String, Object>();
    run.put("builder", Map.of("id", BUILDER));
    var metadata = new TreeMap<String, Object>();
    metadata.put("invocationId", making.deployment());
    metadata.put("startedOn", making.started());
    metadata.put("finishedOn", making.finished());
    run.put("metadata", metadata);
    var product = described("name", "sbom", sha256(bill));
    product.put("mediaType", BILL);
    run.put("byproducts", List.of(product));
    return run;
  }

  private static Map<String, Object> described(
      String field, String value, Map<String, String> digest) {
    var descriptor = new LinkedHashMap<String, Object>();
    descriptor.put(field, value);
    descriptor.put("digest", digest);
    return descriptor;
  }

  private static Map<String, String> sha256(String digest) {
    return Map.of("sha256", digest.replaceFirst("^sha256:", ""));
  }

  /// Whether it is about that image and that bill.
  boolean isOf(String image, String bill) {
    try {
      var root = Json.MAPPER.readTree(text);
      var subject = root.path("subject").path(0);
      var product = root.path("predicate").path("runDetails").path("byproducts").path(0);
      return image.equals(
              "%s@sha256:%s"
                  .formatted(
                      subject.path("name").asText(""),
                      subject.path("digest").path("sha256").asText("")))
          && root.path("_type").asText("").equals(TYPE)
          && root.path("predicateType").asText("").equals(PREDICATE)
          && bill.equals("sha256:" + product.path("digest").path("sha256").asText(""));
    } catch (JsonProcessingException _) {
      return false;
    }
  }
}

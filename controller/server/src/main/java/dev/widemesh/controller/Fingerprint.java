package dev.widemesh.controller;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.widemesh.api.Json;
import dev.widemesh.api.rack.InstanceSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/// A hash of all that makes an instance: equal ones need no roll-out. The deployment and the commit
/// that an instance is told of are left out, else every push would roll every service.
final class Fingerprint {
  static final String DEPLOYMENT = "WIDEMESH_DEPLOYMENT";
  static final String COMMIT = "SOURCE_COMMIT";

  private static final JsonMapper CANONICAL =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private static final TypeReference<TreeMap<String, Object>> FIELDS = new TypeReference<>() {};

  private Fingerprint() {}

  static String of(ServicePlan.Place place, String service, InstanceSpec spec) {
    var environment = new HashMap<>(spec.environment());
    environment.remove(DEPLOYMENT);
    environment.remove(COMMIT);
    var fields = Json.MAPPER.convertValue(spec, FIELDS);
    fields.put("environment", new TreeMap<>(environment));
    return hash(List.of(place.environmentId(), place.stack(), service, fields)).substring(0, 32);
  }

  /// The id of the set that a deployment makes of it. It is told apart from an equal one that
  /// failed or that is being drained; an unchanged set keeps the id that it has.
  static String setId(String fingerprint, String deployment) {
    return hash(List.of(fingerprint, deployment)).substring(0, 12);
  }

  private static String hash(List<?> parts) {
    try {
      var text = CANONICAL.writeValueAsString(parts);
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException | com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}

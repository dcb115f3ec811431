package dev.widemesh.builder;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A text and who signed it, in the format DSSE (v1).
final class Envelope {
  private static final String TYPE = "application/vnd.in-toto+json";

  private Envelope() {}

  static byte[] sign(SigningKey key, Statement statement) {
    var payload = statement.text().getBytes(StandardCharsets.UTF_8);
    var signature = new LinkedHashMap<String, String>();
    signature.put("keyid", key.verifying().fingerprint());
    signature.put("sig", encoded(key.sign(signed(payload))));
    var envelope = new LinkedHashMap<String, Object>();
    envelope.put("payloadType", TYPE);
    envelope.put("payload", encoded(payload));
    envelope.put("signatures", List.of(signature));
    return Json.write(envelope).getBytes(StandardCharsets.UTF_8);
  }

  /// What one of these keys has signed; empty for anything else.
  static Optional<Statement> open(byte[] envelope, List<VerifyingKey> keys) {
    try {
      var root = Json.MAPPER.readTree(envelope);
      var payload = Base64.getDecoder().decode(root.path("payload").asText(""));
      var isSigned =
          root.path("payloadType").asText("").equals(TYPE)
              && keys.stream().anyMatch(key -> isBy(key, payload, root.path("signatures")));
      return isSigned
          ? Optional.of(new Statement(new String(payload, StandardCharsets.UTF_8)))
          : Optional.empty();
    } catch (IOException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Ours has one signature.
  private static boolean isBy(VerifyingKey key, byte[] payload, JsonNode signatures) {
    var signature = Base64.getDecoder().decode(signatures.path(0).path("sig").asText(""));
    return key.verify(signed(payload), signature);
  }

  /// As the format has it: with its own name, so that it never passes for something else.
  private static byte[] signed(byte[] payload) {
    var bytes = new ByteArrayOutputStream();
    var head = "DSSEv1 %d %s %d ".formatted(TYPE.length(), TYPE, payload.length);
    bytes.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(payload);
    return bytes.toByteArray();
  }

  private static String encoded(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static Map<String, String> annotations() {
    return Map.of("predicateType", Statement.PREDICATE, "dev.cosignproject.cosign/signature", "");
  }
}

package dev.widemesh.api.rack;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the controller sends down a rack's stream, one JSON object a line.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RackMessage.Inventory.class, name = "inventory"),
  @JsonSubTypes.Type(value = RackMessage.Definition.class, name = "definition"),
  @JsonSubTypes.Type(value = RackMessage.Certificates.class, name = "certificates"),
  @JsonSubTypes.Type(value = RackMessage.Logs.class, name = "logs"),
  @JsonSubTypes.Type(value = RackMessage.Inspect.class, name = "inspect"),
  @JsonSubTypes.Type(value = RackMessage.Beat.class, name = "beat")
})
public sealed interface RackMessage {
  /// Said by a rack when it connects. What either side does not know it leaves out, so a new field
  /// or message changes nothing: the number grows where an older side would do something wrong.
  int PROTOCOL = 1;

  /// First on every connection: all environments of this rack. What the rack has beside them goes.
  record Inventory(List<String> environments) implements RackMessage {}

  record Definition(EnvironmentDefinition environment) implements RackMessage {}

  /// All certificates that this rack serves, PEM.
  record Certificates(List<Certificate> certificates) implements RackMessage {}

  record Certificate(List<String> names, String chain, String key) {}

  /// Asks for log lines: the answer is posted to `answers/<question>`, one
  /// [dev.widemesh.api.Views.LogLine] a line, oldest first, and stays open when it is to `follow`.
  record Logs(
      String question,
      String environment,
      Instant since,
      boolean follow,
      @Nullable String stack,
      @Nullable String service,
      @Nullable String instance)
      implements RackMessage {}

  /// Asks for a [RackSurvey], to be posted to `surveys/<question>`.
  record Inspect(String question) implements RackMessage {}

  /// Sent when nothing else was for five seconds: a stream silent for fifteen is dead.
  record Beat() implements RackMessage {}
}

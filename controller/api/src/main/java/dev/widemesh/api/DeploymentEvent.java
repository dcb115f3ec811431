package dev.widemesh.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/// What a follower of a deployment reads, one JSON object a line: lines, then exactly one outcome.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = DeploymentEvent.Line.class, name = "line"),
  @JsonSubTypes.Type(value = DeploymentEvent.Outcome.class, name = "outcome"),
  @JsonSubTypes.Type(value = DeploymentEvent.Beat.class, name = "beat")
})
public sealed interface DeploymentEvent {
  record Line(OutputLine line) implements DeploymentEvent {}

  /// `live` only after every live router sends to the new instances.
  record Outcome(DeploymentView deployment) implements DeploymentEvent {}

  /// Nothing happened for ten seconds; the connection lives.
  record Beat() implements DeploymentEvent {}
}

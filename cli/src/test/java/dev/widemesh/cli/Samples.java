package dev.widemesh.cli;

import dev.widemesh.api.Cause;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Json;
import dev.widemesh.api.OutputLine;
import dev.widemesh.api.Views.Instance;
import dev.widemesh.api.Views.Service;
import dev.widemesh.api.Views.Stack;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a controller says about a shop.
final class Samples {
  static final String STACK = "/v1/environments/shop/stacks/web";
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

  private Samples() {}

  static DeploymentView deployment(int version, String state, String... phases) {
    return failing(version, state, null, phases);
  }

  static DeploymentView uploaded(int version, String state, String commit) {
    return caused("upload", version, state, commit, null);
  }

  static DeploymentView failing(
      int version, String state, @Nullable Cause failure, String... phases) {
    var commit = "0123456789abcdef0123456789abcdef01234567";
    return caused("push", version, state, commit, failure, phases);
  }

  private static DeploymentView caused(
      String cause,
      int version,
      String state,
      String commit,
      @Nullable Cause failure,
      String... phases) {
    var spent = Arrays.stream(phases).map(name -> new DeploymentView.Phase(name, 1200)).toList();
    return new DeploymentView(
        "11111111-2222-3333-4444-555555555555",
        "shop",
        "web",
        version,
        state,
        state.equals("live"),
        cause,
        null,
        commit,
        "Ada",
        "Sell more\n\nMuch more.",
        "shop/web@sha256:aa",
        7,
        "http://shop.widemesh.localhost:7080/",
        THEN,
        THEN.plusSeconds(9),
        spent,
        failure);
  }

  static DeploymentEvent line(long sequence, OutputLine.Kind kind, String text) {
    return new DeploymentEvent.Line(new OutputLine(sequence, THEN, "building", kind, text));
  }

  static DeploymentEvent outcome(DeploymentView view) {
    return new DeploymentEvent.Outcome(view);
  }

  static String stream(DeploymentEvent... events) {
    return Arrays.stream(events).map(e -> Json.write(e) + "\n").collect(Collectors.joining());
  }

  static Stack stack(String remote) {
    return stack("buildpack", "Dockerfile", "", remote);
  }

  static Stack stack(String formula, String dockerfile, String stage, String remote) {
    return new Stack(
        "shop",
        "web",
        formula,
        "main",
        "",
        dockerfile,
        stage,
        null,
        remote,
        "http://shop/",
        "v3",
        null,
        null,
        THEN);
  }

  static Service service(String name, List<Instance> instances) {
    return new Service(
        "web",
        name,
        "web-" + name,
        "web",
        "node server.js",
        false,
        instances.size(),
        8080,
        "v3",
        null,
        512_000_000,
        0.5,
        null,
        30,
        null,
        instances);
  }

  static Instance instance(String name, String status, @Nullable String message) {
    return new Instance(
        "i-1", name, "main", "v3", status, 2, message, 137, THEN, 100_000_000, 0.25);
  }
}

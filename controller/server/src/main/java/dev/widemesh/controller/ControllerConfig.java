package dev.widemesh.controller;

import java.nio.file.Path;
import java.time.Duration;

/// Everything the controller is told. `port` 0 takes a free one; `ca` is the folder of the internal
/// certificate authority; `rack` the one rack there is; `sealKey` is made when there is none. New
/// instances that are not ready within `readyWithin` are given up.
public record ControllerConfig(
    String listen,
    int port,
    String databaseUrl,
    Path sealKey,
    Path ca,
    String domain,
    int httpPort,
    int httpsPort,
    String sshHost,
    int sshPort,
    String rack,
    Duration readyWithin,
    Tokens tokens) {
  public static final Duration READY_WITHIN = Duration.ofMinutes(2);

  /// The credentials that exist from the start, each `wm_<12>_<43>`.
  public record Tokens(String admin, String gateway, String builder, String rack) {}

  String alias(String environment) {
    return environment + "." + domain;
  }

  String url(String host) {
    return "http://" + host + (httpPort == 80 ? "/" : ":" + httpPort + "/");
  }

  String remote(String environment, String stack) {
    return "ssh://git@%s:%d/%s/%s.git".formatted(sshHost, sshPort, environment, stack);
  }
}

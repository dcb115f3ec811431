package dev.widemesh.git;

import java.net.URI;
import java.nio.file.Path;

/// `data` holds the repositories, the quarantine (both must be on one file system) and the host
/// key; port 0 takes any free one; `token` is the gateway's own credential at the controller.
public record GitGatewayConfig(
    Path data, String listen, int port, URI controller, String token, PushLimits limits) {}

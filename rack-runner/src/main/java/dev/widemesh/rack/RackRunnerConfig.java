package dev.widemesh.rack;

import dev.widemesh.model.VerifyingKey;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Everything a rack-runner is told. `platform` is the four-character prefix of all it makes in
/// Docker and in the firewall; `pool` the range its environments' networks are cut from; `socket`
/// where the routers find it; `publicListen`, `httpPort` and `httpsPort` are the router's, which
/// instances may call like any other client. An instance that writes more than `instanceDisk` bytes
/// is replaced. What that key has not signed is not started; without one, anything is.
public record RackRunnerConfig(
    Path data,
    String platform,
    String rack,
    String node,
    URI controller,
    String token,
    String registry,
    String registryUser,
    String registryPassword,
    String pool,
    Path socket,
    String publicListen,
    int httpPort,
    int httpsPort,
    long instanceDisk,
    Optional<VerifyingKey> signedBy) {
  public static final long INSTANCE_DISK = 5_000_000_000L;
  private static final int SOCKET_PATH_LIMIT = 107;

  public RackRunnerConfig {
    if (!platform.matches("[a-z0-9]{4}")) {
      throw new IllegalArgumentException(
          "not a platform id: '" + platform + "'; use four characters out of a-z and 0-9");
    }
    socket = socket.toAbsolutePath();
    if (socket.toString().length() > SOCKET_PATH_LIMIT) {
      throw new IllegalArgumentException(
          "the socket's path %s is longer than %d bytes; choose a shorter data folder"
              .formatted(socket, SOCKET_PATH_LIMIT));
    }
    data = data.toAbsolutePath();
  }
}

package dev.widemesh.allinone;

import dev.widemesh.rack.RackRunner;
import dev.widemesh.rack.RackRunnerConfig;
import java.io.IOException;
import java.util.Optional;

final class RackProcess {
  static final String RACK = "local";

  private RackProcess() {}

  static void run(DataFolder data) throws Exception {
    try (var parts = new Parts()) {
      parts.add(RackRunner.start(config(data)));
      parts.untilAsked();
    }
  }

  static RackRunnerConfig config(DataFolder data) throws IOException {
    var platform = Platform.read(data);
    var secrets = new Secrets(data.secrets());
    return new RackRunnerConfig(
        data.rack(),
        platform.id(),
        RACK,
        RACK,
        platform.controller(),
        secrets.rack(),
        "127.0.0.1:" + platform.registry(),
        "rack",
        secrets.registryPull(),
        platform.pool(),
        data.routesSocket(),
        platform.listen(),
        platform.http(),
        platform.https(),
        Settings.ofThisProcess().instanceDisk(),
        Optional.of(secrets.signing().verifying()));
  }

  /// The next `up` makes again what is wanted.
  static void removeContainers(DataFolder data) throws IOException {
    RackRunner.removeContainers(config(data));
  }

  static void purge(DataFolder data) throws IOException {
    RackRunner.purge(config(data));
  }
}

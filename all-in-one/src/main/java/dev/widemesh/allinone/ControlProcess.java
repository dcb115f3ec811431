package dev.widemesh.allinone;

import dev.widemesh.api.ApiClient;
import dev.widemesh.builder.Builder;
import dev.widemesh.builder.BuilderConfig;
import dev.widemesh.builder.registry.RackRepositories;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.builder.registry.RegistryConfig;
import dev.widemesh.builder.registry.Rights;
import dev.widemesh.controller.Controller;
import dev.widemesh.controller.ControllerConfig;
import dev.widemesh.git.GitGateway;
import dev.widemesh.git.GitGatewayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Controller, registry, git gateway and builder in one process; they talk over loopback as they
/// would from machine to machine.
final class ControlProcess {
  private static final Duration RIGHTS_WITHIN = Duration.ofSeconds(5);

  private ControlProcess() {}

  static void run(DataFolder data) throws Exception {
    var platform = Platform.read(data);
    var secrets = new Secrets(data.secrets());
    try (var parts = new Parts()) {
      parts.add(Controller.start(controller(data, platform, secrets)));
      var registry = parts.add(Registry.start(registry(data, platform, secrets)));
      var gateway = parts.add(GitGateway.start(gateway(data, platform, secrets)));
      parts.add(Builder.start(builder(data, platform, secrets, registry), gateway.sources()));
      parts.untilAsked();
    }
  }

  static ControllerConfig controller(DataFolder data, Platform platform, Secrets secrets)
      throws IOException {
    var embedded = new Postgres(data, secrets, platform.postgres());
    return new ControllerConfig(
        "127.0.0.1",
        platform.api(),
        OperatorDatabase.named().map(OperatorDatabase::url).orElse(embedded.url()),
        secrets.sealKey(),
        data.control().resolve("ca"),
        platform.domain(),
        platform.http(),
        platform.https(),
        sshHost(platform),
        platform.ssh(),
        RackProcess.RACK,
        Settings.ofThisProcess().readyWithin(),
        new ControllerConfig.Tokens(
            secrets.admin(), secrets.gateway(), secrets.builder(), secrets.rack()));
  }

  static RegistryConfig registry(DataFolder data, Platform platform, Secrets secrets)
      throws IOException {
    return new RegistryConfig(
        data.control().resolve("registry"),
        "127.0.0.1",
        platform.registry(),
        List.of(
            new RegistryConfig.Credential("builder", secrets.registryPush(), new Rights.Push()),
            new RegistryConfig.Credential(
                "rack", secrets.registryPull(), pulls(platform, secrets))));
  }

  private static Rights pulls(Platform platform, Secrets secrets) throws IOException {
    var controller = new ApiClient(platform.controller(), secrets.builder(), RIGHTS_WITHIN);
    return new Rights.Pull(new RackRepositories(controller, RackProcess.RACK));
  }

  static GitGatewayConfig gateway(DataFolder data, Platform platform, Secrets secrets)
      throws IOException {
    return new GitGatewayConfig(
        data.control().resolve("git"),
        platform.listen(),
        platform.ssh(),
        platform.controller(),
        secrets.gateway(),
        Settings.ofThisProcess().pushes());
  }

  static Path builds(DataFolder data) {
    return data.control().resolve("builder");
  }

  private static BuilderConfig builder(
      DataFolder data, Platform platform, Secrets secrets, Registry registry) throws IOException {
    var settings = Settings.ofThisProcess();
    return new BuilderConfig(
        builds(data),
        settings.cache().orElse(data.control().resolve("cache")).toAbsolutePath(),
        JavaProcess.home().resolve("buildpacks"),
        platform.controller(),
        secrets.builder(),
        platform.id(),
        registry,
        "builder",
        secrets.registryPush(),
        new BuilderConfig.Network(
            settings.caBundle(),
            proxies(),
            settings.mirrors(),
            settings.baseImages(),
            settings.registries(),
            settings.buildpackHosts()),
        settings.builds(),
        settings.buildCache(),
        secrets.signing(),
        settings.buildKit());
  }

  private static Map<String, String> proxies() {
    var proxies = new TreeMap<String, String>();
    for (var name : List.of("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")) {
      for (var spelling : List.of(name, name.toLowerCase(java.util.Locale.ROOT))) {
        var value = System.getenv(spelling);
        if (value != null && !value.isEmpty()) {
          proxies.put(spelling, value);
        }
      }
    }
    return proxies;
  }

  /// The host in git remotes: this machine's name where others may reach it.
  static String sshHost(Platform platform) {
    var listen = platform.listen();
    if (listen.startsWith("127.") || listen.equals("::1") || listen.equals("localhost")) {
      return "localhost";
    }
    if (listen.equals("0.0.0.0") || listen.equals("::")) {
      return hostName();
    }
    return listen;
  }

  private static String hostName() {
    try {
      return java.net.InetAddress.getLocalHost().getHostName();
    } catch (java.net.UnknownHostException _) {
      return "localhost";
    }
  }
}

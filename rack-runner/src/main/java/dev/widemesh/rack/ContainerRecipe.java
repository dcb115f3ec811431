package dev.widemesh.rack;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.api.model.Volume;
import dev.widemesh.api.rack.InstanceSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How a container of a tenant is made: closed on every side that it does not need. Nothing in an
/// [InstanceSpec] can open one.
record ContainerRecipe(
    String name,
    String platform,
    String network,
    String address,
    String image,
    Path resolvConf,
    Labels labels,
    InstanceSpec spec) {
  private static final String APP_USER = "1000:1000";

  /// When the server itself has no memory left, an app goes rather than the router of all apps.
  private static final int BEFORE_THE_PLATFORM = 300;

  /// What the official nginx, postgres and redis images ask for.
  private static final List<Capability> OF_SERVERS =
      List.of(
          Capability.CHOWN,
          Capability.DAC_OVERRIDE,
          Capability.FOWNER,
          Capability.SETUID,
          Capability.SETGID,
          Capability.KILL,
          Capability.NET_BIND_SERVICE);

  CreateContainerCmd on(DockerClient docker) {
    var create =
        docker
            .createContainerCmd(image)
            .withName(name)
            .withHostName(labels.service())
            .withIpv4Address(address)
            .withEnv(environment())
            .withLabels(labels.onDocker(platform))
            .withHostConfig(host());
    if (!spec.command().isEmpty()) {
      create = create.withEntrypoint(spec.command()).withCmd(List.of());
    }
    return spec.serverCapabilities() ? create : create.withUser(APP_USER);
  }

  private List<String> environment() {
    var variables = new TreeMap<>(spec.environment());
    if (!labels.isJob()) {
      variables.put("WIDEMESH_INSTANCE", labels.label());
    }
    // The init process would tell only `sh`, not what `sh -c` started.
    variables.put("TINI_KILL_PROCESS_GROUP", "1");
    return variables.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  private HostConfig host() {
    var host =
        HostConfig.newHostConfig()
            .withNetworkMode(network)
            .withBinds(
                new Bind(resolvConf.toString(), new Volume("/etc/resolv.conf"), AccessMode.ro))
            .withCapDrop(Capability.ALL)
            .withSecurityOpts(List.of("no-new-privileges:true"))
            .withPrivileged(false)
            .withInit(true)
            .withMemory(spec.memoryBytes())
            .withMemorySwap(spec.memoryBytes())
            .withNanoCPUs((long) (spec.cpus() * 1e9))
            .withOomScoreAdj(BEFORE_THE_PLATFORM)
            .withPidsLimit((long) spec.pids())
            .withUlimits(
                new Ulimit[] {
                  new Ulimit("nofile", OpenFiles.LIMIT, OpenFiles.LIMIT), new Ulimit("core", 0L, 0L)
                })
            .withLogConfig(logs())
            .withRestartPolicy(RestartPolicy.noRestart());
    return spec.serverCapabilities()
        ? host.withCapAdd(OF_SERVERS.toArray(Capability[]::new))
        : host;
  }

  /// A container that floods loses its own lines and never waits for a reader.
  private static LogConfig logs() {
    return new LogConfig(
        LogConfig.LoggingType.LOCAL,
        Map.of("max-size", "10m", "max-file", "3", "mode", "non-blocking"));
  }
}

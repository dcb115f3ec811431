package dev.widemesh.allinone;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.builder.registry.Registry;
import dev.widemesh.controller.Controller;
import dev.widemesh.git.GitGateway;
import dev.widemesh.rack.RackRunner;
import dev.widemesh.router.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/// Runs the parts in this one JVM, on a platform of its own in an empty folder, and does with it a
/// little of what people do: run with `-XX:AOTCacheOutput`, it leaves the cache of loaded classes
/// from which the real processes start (JEP 483, 514). One cache for all of them: what they share
/// of it lies in memory once.
@CommandLine.Command(name = "train", hidden = true)
final class Train implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String NAME = "train";

  @Mixin private DataOption dataOption = new DataOption();

  @Override
  public Integer call() throws Exception {
    var data = dataOption.folder();
    var parts = new Parts();
    // However this ends, nothing of it goes on.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(parts, data), "end"));
    var platform = make(data);
    start(parts, data, platform);
    use(data, platform);
    return 0;
  }

  private static void end(Parts parts, DataFolder data) {
    parts.close();
    try {
      if (data.exists()) {
        RackProcess.purge(data);
      }
    } catch (IOException e) {
      System.err.println("widemesh: networks of the training may be left: " + e.getMessage());
    }
  }

  private static Platform make(DataFolder data) throws IOException {
    data.make();
    DataOption.logInto(data);
    new Secrets(data.secrets()).make();
    var free = FreePorts.besides(Set.of());
    var platform =
        Platform.fresh()
            .with(
                new Platform.Wishes(null, free.next(), free.next(), free.next(), free.next(), null))
            .withPrivatePorts(free.next(), free.next());
    platform.write(data);
    return platform;
  }

  private static void start(Parts parts, DataFolder data, Platform platform) throws Exception {
    var secrets = new Secrets(data.secrets());
    var postgres = new Postgres(data, secrets, platform.postgres());
    postgres.prepare();
    var child = new Child("postgres", postgres.argv(), data, "INT");
    parts.add(() -> child.stop(LIMIT));
    postgres.makeDatabase(LIMIT);
    parts.add(Router.start(RouterProcess.config(data, platform)));
    parts.add(RackRunner.start(RackProcess.config(data)));
    // Without the builder: it would begin by fetching base images.
    parts.add(Controller.start(ControlProcess.controller(data, platform, secrets)));
    parts.add(Registry.start(ControlProcess.registry(data, platform, secrets)));
    parts.add(GitGateway.start(ControlProcess.gateway(data, platform, secrets)));
    Supervisor.awaitReady(data, platform, List.of(child));
  }

  private static void use(DataFolder data, Platform platform)
      throws IOException, InterruptedException {
    var client = new ApiClient(platform.controller(), new Secrets(data.secrets()).admin());
    client.send(
        "POST",
        Route.CREATE_ENVIRONMENT.path(),
        new Views.CreateEnvironment(NAME, null),
        Views.Environment.class);
    client.send(
        "POST",
        Route.CREATE_STACK.with(NAME),
        new Views.CreateStack(NAME, null, null, null, null, null),
        Views.Stack.class);
    client.get(Route.LIST_SERVICES.with(NAME), Object.class);
    askRouter(platform);
    listRefs(data, client, platform);
    client.delete(Route.DELETE_ENVIRONMENT.with(NAME));
  }

  private static void askRouter(Platform platform) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), platform.http())) {
      var request =
          "GET / HTTP/1.1\r\nHost: %s.%s\r\nConnection: close\r\n\r\n"
              .formatted(NAME, platform.domain());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var _ = socket.getInputStream().readAllBytes();
    }
  }

  /// The key exchange and the git protocol: most of what a push loads before its build.
  private static void listRefs(DataFolder data, ApiClient client, Platform platform)
      throws IOException, InterruptedException {
    var key = data.root().resolve("key");
    Command.must(
        LIMIT, List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));
    client.send(
        "POST",
        Route.ADD_KEY.path(),
        new Views.AddKey(NAME, Files.readString(Path.of(key + ".pub"))),
        Views.SshKey.class);
    var ssh =
        "ssh -i %s -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            .formatted(key);
    var remote = "ssh://git@127.0.0.1:%d/%s/%s.git".formatted(platform.ssh(), NAME, NAME);
    Command.must(LIMIT, List.of("git", "-c", "core.sshCommand=" + ssh, "ls-remote", remote));
  }
}

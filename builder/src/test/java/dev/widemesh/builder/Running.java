package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.builder.image.Docker;
import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The `web` process of a built image in a container, as a rack would start it.
record Running(Docker docker, String container, URI base) implements AutoCloseable {
  /// It asks for no upgrade to HTTP/2: some servers, Next.js' among them, hang up on that.
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  static Running start(Path folder, String registry, String platform, Built built)
      throws IOException, InterruptedException {
    var docker =
        Docker.loggedIn(
            folder.resolve("docker"), registry, RunningRegistry.READER, RunningRegistry.PASSWORD);
    var image = registry + "/" + built.image();
    docker.succeed("pull", image);
    var command =
        new ArrayList<>(List.of("run", "-d", "--init", "--cap-drop=ALL", "-e", "PORT=8080", "-p"));
    command.add("127.0.0.1::8080");
    command.add("--label=dev.widemesh.platform=" + platform);
    command.add(image);
    var web =
        built.processes().stream().filter(p -> p.type().equals("web")).findFirst().orElseThrow();
    var argv = web.argv();
    command.add(command.size() - 1, "--entrypoint=");
    if (argv == null || !argv.getFirst().startsWith("/cnb/process/")) {
      command.addAll(built.entrypoint());
    }
    command.addAll(argv == null ? List.of("/bin/sh", "-c", "" + web.command()) : argv);
    var container = docker.succeed(command.toArray(String[]::new));
    var port = docker.succeed("port", container, "8080").lines().findFirst().orElseThrow();
    return new Running(docker, container, URI.create("http://" + port));
  }

  HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(5));
    if (headers.length > 0) {
      request.headers(headers);
    }
    var end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      try {
        return HTTP.send(request.build(), BodyHandlers.ofString());
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new IOException(docker.run("logs", container).output(), e);
        }
        LockSupport.parkNanos(50_000_000); // it is still starting: nothing tells when it listens
      }
    }
  }

  String exec(String... command) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("exec", container));
    words.addAll(List.of(command));
    return docker.succeed(words.toArray(String[]::new));
  }

  @Override
  public void close() throws IOException {
    try {
      docker.run("rm", "-f", container);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}

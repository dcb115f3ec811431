package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A git repository with an app, and the stack that it is pushed to.
final class App {
  static final String SERVER =
      """
      const http = require('http')
      const port = process.env.PORT
      http.createServer((request, response) => {
        let body = ''
        request.on('data', part => { body += part })
        request.on('end', () => response.end(`VERSION ${process.env.GREETING ?? ''} ${body}`))
      }).listen(port, '0.0.0.0', () => console.log(`listening on ${port}`))
      """;

  final TestPlatform platform;
  final String environment;
  final String stack;
  final Path repository;

  private App(TestPlatform platform, String environment, String stack, Path repository) {
    this.platform = platform;
    this.environment = environment;
    this.stack = stack;
    this.repository = repository;
  }

  static App create(TestPlatform platform, String environment, String stack) throws IOException {
    var repository = platform.folder.resolve("repositories").resolve(environment + "-" + stack);
    Files.createDirectories(repository);
    var app = new App(platform, environment, stack, repository);
    app.git("init", "-q", "-b", "main").ok();
    platform.meshIn(repository, "stack", "create", stack, "--env", environment).ok();
    return app;
  }

  /// A Node.js app without dependencies whose every answer starts with `version`.
  App node(String version) throws IOException {
    write("package.json", "{\"name\":\"app\",\"scripts\":{\"start\":\"node server.js\"}}\n");
    return write("server.js", SERVER.replace("VERSION", version));
  }

  /// A static site of one page: pushed in a third of the time.
  App site(String page) throws IOException {
    return write("index.html", page).write("Procfile", "web: serve-site\n");
  }

  App write(String file, String text) throws IOException {
    var path = repository.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return this;
  }

  App commit(String message) {
    git("add", "-A").ok();
    git("commit", "-q", "--allow-empty", "-m", message).ok();
    return this;
  }

  Shell.Result push(String... args) {
    var argv = new ArrayList<>(List.of("push", "widemesh", "main"));
    argv.addAll(List.of(args));
    return git(argv.toArray(String[]::new));
  }

  Shell.Result git(String... args) {
    var argv = new ArrayList<>(List.of("git"));
    argv.addAll(List.of(args));
    return Shell.run(repository, platform.environment(), argv);
  }

  Shell.Result mesh(String... args) {
    return platform.meshIn(repository, args);
  }

  /// `mesh deployments ls --json` without white space: empty while the platform does not answer.
  String deployments() {
    return mesh("deployments", "ls", "--json").out().replaceAll("\\s+", "");
  }

  String head() {
    return git("rev-parse", "HEAD").ok().out().strip();
  }

  /// The commit that the platform's branch names; empty when there is none.
  String remoteHead() {
    return git("ls-remote", "widemesh", "refs/heads/main")
        .ok()
        .out()
        .replaceAll("\\s.*", "")
        .strip();
  }

  String host() {
    return environment + "." + Domain.USUAL.name();
  }

  /// Its answer at `/`, whatever the status.
  String answer() throws IOException {
    return answer("/");
  }

  /// By curl, which knows that `*.localhost` is this machine (RFC 6761, 6.3).
  String answer(String path) throws IOException {
    var url = "http://%s:%d%s".formatted(host(), platform.http, path);
    var curl = Shell.run(repository, Map.of(), List.of("curl", "-sS", "--max-time", "10", url));
    if (curl.exitCode() != 0) {
      throw new IOException(curl.err());
    }
    return curl.out();
  }
}

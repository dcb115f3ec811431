package dev.widemesh.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A gateway with its data folder, a controller to talk to, and Ann, who has a key and a clone.
final class House implements AutoCloseable {
  static final String STACK = "3f0e0a52-0000-4000-8000-000000000001";

  final FakeController controller = new FakeController();
  final Path folder;
  final Path work;
  private final Path key;
  private PushLimits limits = PushLimits.DEFAULT;
  private GitGateway gateway;

  House(Path folder) throws IOException {
    this.folder = folder;
    this.work = Files.createDirectories(folder.resolve("work"));
    this.key = join("Ann");
    controller.addStack("shop/web", STACK, "main");
    gateway = start();
    git("init", "-q", "-b", "main").ok();
  }

  private GitGateway start() throws IOException {
    return GitGateway.start(config());
  }

  private GitGatewayConfig config() {
    return config(data(), 0);
  }

  GitGatewayConfig config(Path data, int port) {
    return new GitGatewayConfig(data, "127.0.0.1", port, controller.uri(), "secret", limits);
  }

  void restart(Pulse.Pace pace) throws IOException {
    gateway.close();
    gateway = GitGateway.start(config(), pace);
  }

  void restart(PushLimits other) throws IOException {
    limits = other;
    restart();
  }

  void restart() throws IOException {
    gateway.close();
    gateway = start();
  }

  void stop() {
    gateway.close();
  }

  GitGateway gateway() {
    return gateway;
  }

  Path data() {
    return folder.resolve("data");
  }

  Path repository() {
    return data().resolve("repositories/" + STACK + ".git");
  }

  /// Runs at the client in every later command of that kind.
  void hook(String name, String command) throws IOException {
    var file = work.resolve(".git/hooks").resolve(name);
    write(file, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// Somebody else with an account, by the key.
  Path join(String name) {
    var other = newKey(name.toLowerCase(Locale.ROOT));
    controller.addKey(fingerprint(other), name);
    return other;
  }

  Path newKey(String name) {
    var file = folder.resolve(name);
    var command = List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
    Ran.run(folder, Map.of(), command).ok();
    return file;
  }

  private String fingerprint(Path of) {
    return Ran.run(folder, Map.of(), List.of("ssh-keygen", "-l", "-f", of.toString()))
        .ok()
        .output()
        .split(" ", -1)[1];
  }

  /// Ann's.
  Path key() {
    return key;
  }

  String url() {
    return url("shop/web.git");
  }

  String url(String path) {
    return "ssh://git@127.0.0.1:%d/%s".formatted(gateway.port(), path);
  }

  Ran git(String... arguments) {
    return gitIn(work, arguments);
  }

  Ran gitIn(Path folder, String... arguments) {
    return Ran.run(folder, environment(key), command(arguments));
  }

  Ran gitAs(Path otherKey, String... arguments) {
    return Ran.run(work, environment(otherKey), command(arguments));
  }

  Process startGit(Path output, String... arguments) throws IOException {
    return Ran.start(work, environment(key), output, command(arguments));
  }

  private static List<String> command(String... arguments) {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    return command;
  }

  Map<String, String> environment(Path key) {
    return Map.of(
        "HOME", folder.toString(),
        "GIT_CONFIG_NOSYSTEM", "1",
        "GIT_AUTHOR_NAME", "Ann",
        "GIT_AUTHOR_EMAIL", "ann@example.org",
        "GIT_COMMITTER_NAME", "Ann",
        "GIT_COMMITTER_EMAIL", "ann@example.org",
        "GIT_SSH_COMMAND", String.join(" ", sshOptions(key)));
  }

  private static List<String> sshOptions(Path key) {
    return List.of(
        "ssh",
        "-F",
        "none",
        "-i",
        key.toString(),
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        "BatchMode=yes",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR");
  }

  /// Plain ssh with Ann's key.
  Ran ssh(List<String> options, String... words) {
    return sshAs(key, options, words);
  }

  Ran sshAs(Path key, List<String> options, String... words) {
    var command = new ArrayList<>(sshOptions(key));
    // ssh takes the first of equal options
    command.addAll(1, options);
    command.addAll(List.of("-p", String.valueOf(gateway.port()), "git@127.0.0.1"));
    command.addAll(List.of(words));
    return Ran.run(folder, Map.of(), command);
  }

  Process startSsh(String words) throws IOException {
    var command = new ArrayList<>(sshOptions(key));
    command.addAll(List.of("-p", String.valueOf(gateway.port()), "git@127.0.0.1", words));
    return Ran.start(folder, Map.of(), folder.resolve("ssh.out"), command);
  }

  /// Makes a commit with that file and returns its id.
  String commit(String file, String content) {
    write(work.resolve(file), content);
    git("add", "-A").ok();
    git("commit", "-q", "-m", "change " + file).ok();
    return head();
  }

  static void write(Path file, String content) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String head() {
    return git("rev-parse", "HEAD").ok().output().strip();
  }

  /// Stores an object of git's unchecked and returns its id.
  String object(String type, byte[] content) {
    var command = command("hash-object", "-t", type, "--literally", "-w", "--stdin");
    return Ran.run(work, environment(key), content, command).ok().output().strip();
  }

  String object(String type, String content) {
    return object(type, content.getBytes(StandardCharsets.UTF_8));
  }

  /// The refs as git itself finds them on the server's disk.
  List<String> refs() {
    return serverGit("for-each-ref", "--format=%(objectname) %(refname)").output().lines().toList();
  }

  String branch(String name) {
    return refs().stream()
        .filter(line -> line.endsWith(" refs/heads/" + name))
        .map(line -> line.substring(0, 40))
        .findFirst()
        .orElse("none");
  }

  Ran serverGit(String... arguments) {
    return gitIn(repository(), arguments);
  }

  List<Path> quarantine() throws IOException {
    return Disk.list(data().resolve("quarantine"));
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    var end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never: " + what);
      }
      Thread.onSpinWait();
      java.util.concurrent.TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  @Override
  public void close() {
    gateway.close();
    controller.close();
  }
}

package dev.widemesh.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the API answers, and what it takes. On the way in anything may be missing.
public final class Views {
  private Views() {}

  public record Account(String name, boolean admin) {}

  public record SshKey(String fingerprint, String name, Instant created) {}

  public record AddKey(@Nullable String name, @Nullable String publicKey) {}

  public record Environment(
      String name, String rack, String alias, @Nullable String url, int stacks, Instant created) {}

  /// Without a name one is made up.
  public record CreateEnvironment(@Nullable String name, @Nullable String rack) {}

  /// `stage` is nothing where a platform of an earlier release says it.
  public record Stack(
      String environment,
      String name,
      String formula,
      String branch,
      String root,
      String dockerfile,
      @Nullable String stage,
      @Nullable String builder,
      String remote,
      @Nullable String url,
      @Nullable String live,
      @Nullable String commit,
      @Nullable String releaseCommand,
      Instant created) {}

  /// `formula`: `buildpack`, `dockerfile`, or nothing for what the first deployment finds. `root`:
  /// the folder of the repository that is the app; nothing for all of it. `stage`: see
  /// [dev.widemesh.model.TargetStage]; with one, `formula` is `dockerfile`.
  public record CreateStack(
      @Nullable String name,
      @Nullable String formula,
      @Nullable String branch,
      @Nullable String root,
      @Nullable String dockerfile,
      @Nullable String stage) {}

  /// What is `null` stays as it is. It holds from the next build on. `dockerfile` is the path of
  /// the Dockerfile below the root, `stage` see [dev.widemesh.model.TargetStage]. The formula
  /// `buildpack` has none.
  public record UpdateStack(
      @Nullable String formula,
      @Nullable String root,
      @Nullable String dockerfile,
      @Nullable String stage) {}

  /// One value. A secret one reads `null` here.
  public record ConfigEntry(String name, @Nullable String value, boolean secret) {}

  public record Config(int version, List<ConfigEntry> entries) {}

  /// `restart` false only stores.
  public record ChangeConfig(
      @Nullable Map<String, String> set,
      @Nullable List<String> unset,
      @Nullable Boolean secret,
      @Nullable Boolean restart) {}

  /// Nothing in `deployment` when nothing is live yet, nothing changed, or it was only stored.
  public record ConfigChanged(int version, int changed, @Nullable DeploymentView deployment) {}

  /// What a stack is built with from the next push on, in order, and what its `live` deployment was
  /// built with. No `references`: the platform's own buildpacks are asked.
  public record Buildpacks(List<String> references, List<BuildWire.UsedBuildpack> live) {}

  /// In this order: all of `set` instead of what is there, without `remove`, and `add` at the end,
  /// or at the front with `first`.
  public record ChangeBuildpacks(
      @Nullable List<String> set,
      @Nullable List<String> add,
      @Nullable List<String> remove,
      @Nullable Boolean first) {}

  /// The image with buildpacks and a lifecycle of its own that a stack is built with; nothing where
  /// the platform builds by itself.
  public record StackBuilder(@Nullable String image) {}

  /// Credentials that were given for a registry; the password is never shown.
  public record Registry(String host, String user, Instant created) {}

  public record LogInToRegistry(@Nullable String user, @Nullable String password) {
    @Override
    public String toString() {
      return "LogInToRegistry[" + user + "]";
    }
  }

  /// `readyAfterSeconds`: only of one without a port.
  public record Service(
      String stack,
      String name,
      String hostname,
      String kind,
      @Nullable String command,
      boolean commandByHand,
      int wanted,
      int port,
      @Nullable String deployment,
      @Nullable String url,
      long memoryBytes,
      double cpus,
      @Nullable String healthPath,
      int graceSeconds,
      @Nullable Integer readyAfterSeconds,
      List<Instance> instances) {}

  public record Instance(
      String id,
      String name,
      String rack,
      @Nullable String deployment,
      String status,
      int restarts,
      @Nullable String message,
      @Nullable Integer exitCode,
      Instant since,
      long memoryBytes,
      double cpus) {}

  /// What is `null` stays as it is; an empty `command` gives it back to the Procfile; `argv` runs
  /// exactly as given. `memoryBytes` at least 16 MB; `cpus` more than 0; `readyAfterSeconds` only
  /// for what has no port.
  public record UpdateService(
      @Nullable Integer instances,
      @Nullable String command,
      @Nullable List<String> argv,
      @Nullable Long memoryBytes,
      @Nullable Double cpus,
      @Nullable Integer port,
      @Nullable String healthPath,
      @Nullable Integer graceSeconds,
      @Nullable Integer readyAfterSeconds) {}

  /// `deployment` where the change needs new instances; a mere number of them does not.
  public record ServiceUpdated(Service service, @Nullable DeploymentView deployment) {}

  /// `image` as in `docker pull`.
  public record DeployImage(@Nullable String image) {}

  /// No version: the live deployment before the one that serves.
  public record Rollback(@Nullable Integer version) {}

  public record Status(
      String version, boolean database, List<Rack> racks, @Nullable String builder) {}

  public record Rack(
      String name, boolean connected, boolean behind, List<String> nodes, List<String> routers) {}

  /// `part`: who is concerned. `remedy`: what to do about it.
  public record Finding(String part, String what, String remedy) {}

  /// `findings` are wrong; `advice` is only better done otherwise. `compared`: how many things were
  /// looked at, by kind; empty unless asked for.
  public record Checkup(
      List<Finding> findings, List<Finding> advice, Map<String, Integer> compared) {}

  /// One line of `mesh logs`. `source`: `instances`, `release`, `platform`.
  public record LogLine(
      Instant at, String source, String stack, String service, String instance, String text) {}
}

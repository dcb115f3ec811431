package dev.widemesh.api;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Between the builder and the controller.
public final class BuildWire {
  private BuildWire() {}

  /// Asks for work: answered within 25 s, with 204 when there is none. `state` is shown by `mesh
  /// status`: `ready`, or what it is busy with. `builder` names this one claim: with it come its
  /// output and, as the query `builder`, its result.
  public record Claim(String builder, String state) {}

  /// `root` is the folder of the commit that is the app, empty for all of it; with an `image` that
  /// is taken as it is, and there is no commit. `formula` is empty until the first deployment
  /// picked one; `dockerfile` is the path below the root, `stage` see
  /// [dev.widemesh.model.TargetStage]. `tip` is what the branch shows, which an unforced push must
  /// descend from. `previous` is the last live build, for what can be reused. `settings` is the
  /// configuration without its secrets, `logins` open the registries of private base images.
  /// `buildpacks` are references, see [dev.widemesh.model.BuildpackReference]; none where the
  /// platform's own are asked. `builder` is an image that has buildpacks and a lifecycle of its
  /// own.
  public record Job(
      String deployment,
      String stackId,
      String environment,
      String stack,
      int version,
      String commit,
      String root,
      @Nullable String image,
      @Nullable String formula,
      String dockerfile,
      String stage,
      @Nullable String tip,
      boolean forced,
      @Nullable Built previous,
      Map<String, String> settings,
      List<RegistryLogin> logins,
      List<String> buildpacks,
      @Nullable String builder) {
    public Job {
      settings = Map.copyOf(settings);
      logins = List.copyOf(logins);
      buildpacks = List.copyOf(buildpacks);
    }
  }

  /// What was given to an environment for a registry, see [dev.widemesh.model.RegistryHost].
  public record RegistryLogin(String host, String user, String password) {
    @Override
    public String toString() {
      return "RegistryLogin[%s at %s]".formatted(user, host);
    }
  }

  /// So many logins are tried at once; a registry that does not answer holds one for its time.
  public static final int TRIALS = 8;

  /// Whether a login opens its registry: it does where there is no problem.
  public record Trial(@Nullable Problem problem) {}

  /// What became of an image that has no signature: it has one now, nothing says that it is ours,
  /// or `why` neither can be told or done for now.
  public record SignatureLook(Outcome outcome, @Nullable String why) {
    public enum Outcome {
      SIGNED,
      UNKNOWN,
      STUCK
    }

    public static SignatureLook stuck(String why) {
      return new SignatureLook(Outcome.STUCK, why);
    }
  }

  /// So many images are looked at at once.
  public static final int LOOKS = 4;

  /// The bill of materials of an image, CycloneDX in JSON; or why there is none, at least for now.
  public record Bill(@Nullable String document, @Nullable Problem problem) {}

  public record Output(String builder, List<OutputLine.Draft> lines) {}

  /// What the Dockerfile of a build mounts; `builder` must be the claim that holds it.
  public record SecretNames(String builder, Set<String> names) {
    public SecretNames {
      names = Set.copyOf(names);
    }
  }

  /// By name; those that the stack does not have are missing.
  public record SecretValues(Map<String, String> values) {
    public SecretValues {
      values = Map.copyOf(values);
    }

    @Override
    public String toString() {
      return "SecretValues" + values.keySet();
    }
  }

  /// Answer to output and to a result: the deployment was cancelled, or is another claim's; drop
  /// it.
  public record Lease(boolean cancelled) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Built.class, name = "built"),
    @JsonSubTypes.Type(value = Failed.class, name = "failed")
  })
  public sealed interface Result {}

  /// `image` is `<repository>@sha256:<hex>` without the registry's host. `entrypoint` is put before
  /// every command; `processes` come from the Procfile or the buildpacks' default; `inputs` is the
  /// hash of all that the image depends on. `port` is 0 where the platform chooses. `buildpacks` is
  /// nothing where an earlier release built it. `origin` is the digest of an image that was taken
  /// as it is, where it came from.
  public record Built(
      String formula,
      String image,
      String inputs,
      List<String> entrypoint,
      List<ProcessType> processes,
      @Nullable String releaseCommand,
      int port,
      boolean reused,
      @Nullable List<UsedBuildpack> buildpacks,
      @Nullable String origin)
      implements Result {
    public Built(
        String formula,
        String image,
        String inputs,
        List<String> entrypoint,
        List<ProcessType> processes,
        @Nullable String releaseCommand,
        int port,
        boolean reused) {
      this(formula, image, inputs, entrypoint, processes, releaseCommand, port, reused, List.of());
    }

    public Built(
        String formula,
        String image,
        String inputs,
        List<String> entrypoint,
        List<ProcessType> processes,
        @Nullable String releaseCommand,
        int port,
        boolean reused,
        @Nullable List<UsedBuildpack> buildpacks) {
      this(
          formula,
          image,
          inputs,
          entrypoint,
          processes,
          releaseCommand,
          port,
          reused,
          buildpacks,
          null);
    }

    public List<UsedBuildpack> used() {
      return buildpacks == null ? List.of() : buildpacks;
    }
  }

  /// `from` is the reference that brought it, empty for one of the platform's own that nobody
  /// named; `digest` is of all its files, empty for the platform's own; `commit` is the one of a
  /// git repository that it came from.
  public record UsedBuildpack(
      String id, String version, String from, String digest, @Nullable String commit) {}

  /// `command` runs through `/bin/sh -c`; with `argv` exactly that instead.
  public record ProcessType(String type, @Nullable String command, @Nullable List<String> argv) {}

  public record Failed(Cause cause) implements Result {}
}

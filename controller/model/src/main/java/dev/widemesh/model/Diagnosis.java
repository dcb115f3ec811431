package dev.widemesh.model;

import java.time.Duration;
import java.util.List;

/// Why a deployment failed: cause, evidence and next step, read from what is really so.
///
/// `summary` is one line with the cause; `evidence` the last lines of output or what was seen;
/// `nextStep` one line that starts with a verb.
public sealed interface Diagnosis {
  String summary();

  List<String> evidence();

  String nextStep();

  /// A stable kebab-case word for scripts, e.g. `bound-to-loopback`.
  default String code() {
    return getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(java.util.Locale.ROOT);
  }

  record BoundToLoopback(String service, String listening, int port, List<String> evidence)
      implements Diagnosis {
    public BoundToLoopback {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s listens on %s, must listen on 0.0.0.0:$PORT (%d)"
          .formatted(service, listening, port);
    }

    @Override
    public String nextStep() {
      return "bind to 0.0.0.0 instead of localhost or 127.0.0.1";
    }
  }

  record WrongPort(String service, String listening, int port, List<String> evidence)
      implements Diagnosis {
    public WrongPort {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s listens on %s, must listen on 0.0.0.0:$PORT (%d)"
          .formatted(service, listening, port);
    }

    @Override
    public String nextStep() {
      return "listen on the port in the environment variable PORT";
    }
  }

  record NeverListened(String service, int port, long waitedSeconds, List<String> evidence)
      implements Diagnosis {
    public NeverListened {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s runs but listens on no port after %d s, must listen on 0.0.0.0:$PORT (%d)"
          .formatted(service, waitedSeconds, port);
    }

    @Override
    public String nextStep() {
      return "listen on $PORT, or, where it takes no traffic, name the process 'worker' instead of"
          + " 'web' in the Procfile";
    }
  }

  record Unhealthy(String service, String path, String answer, List<String> evidence)
      implements Diagnosis {
    public Unhealthy {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s answers its health path %s with %s, must be 2xx".formatted(service, path, answer);
    }

    @Override
    public String nextStep() {
      return answer.startsWith("3")
          ? "answer %s itself with 200: redirects are not followed. Or name the path that it leads to: mesh svc update %s --health-path PATH"
              .formatted(path, service)
          : "answer " + path + " with 200 once the service can take requests";
    }
  }

  record OutOfMemory(String service, long limitBytes, List<String> evidence) implements Diagnosis {
    public OutOfMemory {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s ran out of memory (limit %d MB)".formatted(service, limitBytes / 1_000_000);
    }

    @Override
    public String nextStep() {
      return "use less memory, or give it more: mesh svc update %s --memory %dm"
          .formatted(service, limitBytes * 2 / 1_000_000);
    }
  }

  record MissingCommand(String service, String command, List<String> evidence)
      implements Diagnosis {
    public MissingCommand {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s cannot start: command not found: %s".formatted(service, command);
    }

    @Override
    public String nextStep() {
      return "correct the command in the Procfile, or add the program to the dependencies";
    }
  }

  record NotExecutable(String service, String command, List<String> evidence) implements Diagnosis {
    public NotExecutable {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s cannot start: not executable here: %s".formatted(service, command);
    }

    @Override
    public String nextStep() {
      return "make the file executable (git update-index --chmod=+x), give its script a #! line,"
          + " or build it for this CPU";
    }
  }

  /// `when` in words, as of [#after], or nothing where that is not known.
  record Crashed(String service, int exitCode, String when, int times, List<String> evidence)
      implements Diagnosis {
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    public Crashed {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s crashed with exit code %d%s%s"
          .formatted(
              service,
              exitCode,
              when.isEmpty() ? "" : " " + when,
              times > 1 ? " (" + times + " times)" : "");
    }

    /// To the nearest second: Docker writes down a start when it is over, so what it says is short.
    public static String after(Duration ran) {
      return ran.compareTo(AT_ONCE) < 0
          ? "at once"
          : "after " + ran.plusMillis(500).toSeconds() + " s";
    }

    @Override
    public String nextStep() {
      return "read the last lines above and mend the cause; mesh logs shows more";
    }
  }

  record ReleaseFailed(String command, int exitCode, List<String> evidence) implements Diagnosis {
    public ReleaseFailed {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "the release command failed with exit code %d: %s".formatted(exitCode, command);
    }

    @Override
    public String nextStep() {
      return "mend the release command; the previous deployment keeps running";
    }
  }

  record BuildFailed(String what, List<String> evidence, String nextStep) implements Diagnosis {
    public BuildFailed {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return what;
    }
  }

  record TimedOut(String phase, long limitSeconds, List<String> evidence) implements Diagnosis {
    public TimedOut {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "%s took longer than %d s".formatted(phase, limitSeconds);
    }

    @Override
    public String nextStep() {
      return "make it quicker, or push again if the machine was busy";
    }
  }

  record NoDisk(String where, List<String> evidence) implements Diagnosis {
    public NoDisk {
      evidence = List.copyOf(evidence);
    }

    @Override
    public String summary() {
      return "no space left on the disk of " + where;
    }

    @Override
    public String nextStep() {
      return "free disk space on the server, then push again";
    }
  }

  /// The push no longer fits: the branch moved while it waited.
  record Outdated(String summary, String nextStep) implements Diagnosis {
    @Override
    public List<String> evidence() {
      return List.of();
    }
  }

  /// The image is not one that this platform has built. `why` names it.
  record NotSigned(String what, String why) implements Diagnosis {
    @Override
    public String summary() {
      return "%s cannot be started: %s".formatted(what, why);
    }

    @Override
    public List<String> evidence() {
      return List.of();
    }

    @Override
    public String nextStep() {
      return "push again: it is built and signed anew. Where nobody changed the platform's key,"
          + " find out who wrote to its registry";
    }
  }

  /// The platform, not the app: the rack is silent, Docker refuses, the registry does not answer.
  record Platform(String summary, List<String> evidence, String nextStep) implements Diagnosis {
    public Platform {
      evidence = List.copyOf(evidence);
    }
  }
}

package dev.widemesh.rack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Tells the program in a container to end. In `sh -c 'app; true'` that is `app`: the shell would
/// die of the signal at once, and the container with it, before `app` could finish. A shell that
/// goes on after `app`, as a loop does, is told itself then.
final class Sigterm {
  private static final Set<String> SHELLS = Set.of("sh", "dash", "bash", "ash", "ksh", "zsh");
  private static final long TERM_BIT = 1L << (15 - 1);

  /// For the shell to end by itself, once what it waited for is gone.
  private static final Duration PAUSE = Duration.ofMillis(200);

  private Sigterm() {}

  /// `init` is the container's first process as the host counts. Answers whether anything was told;
  /// where not, Docker is to tell the init process.
  static boolean send(long init) {
    return ProcessHandle.of(init)
        .map(process -> process.children().map(Sigterm::tell).reduce(false, Boolean::logicalOr))
        .orElse(false);
  }

  private static boolean tell(ProcessHandle process) {
    if (isPassiveShell(process.pid())) {
      var children = process.children().toList();
      var told = children.stream().map(Sigterm::tell).reduce(false, Boolean::logicalOr);
      if (told) {
        tellAfter(children, process);
      }
      return told || process.destroy();
    }
    return process.destroy();
  }

  private static void tellAfter(List<ProcessHandle> children, ProcessHandle shell) {
    var ends = children.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
    var later = CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    var _ = CompletableFuture.allOf(ends).thenRunAsync(shell::destroy, later);
  }

  /// A shell without a trap only waits for what it started.
  private static boolean isPassiveShell(long pid) {
    try {
      var proc = Path.of("/proc/" + pid);
      return SHELLS.contains(Files.readString(proc.resolve("comm")).strip())
          && !has(proc, "SigCgt:")
          && !has(proc, "SigIgn:");
    } catch (IOException | NumberFormatException _) {
      return false;
    }
  }

  private static boolean has(Path proc, String field) throws IOException {
    for (var line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith(field)) {
        var mask = Long.parseUnsignedLong(line.substring(field.length()).strip(), 16);
        return (mask & TERM_BIT) != 0;
      }
    }
    return false;
  }
}

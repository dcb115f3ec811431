package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// Remembers a process across a death of its parent. The start time tells it from another process
/// that was given the same number.
record PidFile(Path file) {
  static PidFile of(String part, DataFolder data) {
    return new PidFile(data.run().resolve(part + ".pid"));
  }

  void write(ProcessHandle process) throws IOException {
    AtomicFile.write(file, process.pid() + " " + startOf(process) + "\n");
  }

  /// The process, while it lives.
  Optional<ProcessHandle> process() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var parts = Files.readString(file).strip().split(" ", 2);
    return ProcessHandle.of(Long.parseLong(parts[0]))
        .filter(ProcessHandle::isAlive)
        .filter(process -> startOf(process).equals(parts[1]));
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  private static String startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }
}

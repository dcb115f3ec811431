package dev.widemesh.builder.dockerfile;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The addresses of a name, as this machine's programs find them. A program of its own asks: where
/// a resolver hangs it is ended, while a thread of ours would hang in the C library for as long as
/// that likes.
public record NameLookup(List<String> program, Duration patience) {
  public static final NameLookup SYSTEM = new NameLookup(List.of("getent"), Duration.ofSeconds(8));

  /// Neither tells all: the first leaves out a family that this machine has no address of, the
  /// second IPv4 where there is IPv6.
  private static final List<String> QUESTIONS = List.of("ahosts", "hosts");

  /// The same with no more patience than that.
  public NameLookup within(Duration most) {
    return new NameLookup(program, patience.compareTo(most) < 0 ? patience : most);
  }

  /// None where nobody knows the name; [TimeoutException] where nobody says so in time.
  public Set<InetAddress> addresses(String name)
      throws IOException, InterruptedException, TimeoutException {
    var found = ask(name);
    if (!found.whole()) {
      throw new TimeoutException("not resolved within %d s".formatted(patience.toSeconds()));
    }
    return found.addresses();
  }

  /// What is said of it in time, and be it a part; none where nobody says anything.
  public Set<InetAddress> known(String name) throws IOException, InterruptedException {
    return ask(name).addresses();
  }

  /// `whole` where all that was asked was answered.
  private record Found(Set<InetAddress> addresses, boolean whole) {}

  private Found ask(String name) throws IOException, InterruptedException {
    var deadline = System.nanoTime() + patience.toNanos();
    var asked = new ArrayList<Process>();
    try {
      for (var question : QUESTIONS) {
        asked.add(start(question, name));
      }
      var addresses = new HashSet<InetAddress>();
      var whole = true;
      for (var process : asked) {
        var answer = answer(process, deadline);
        whole &= answer.isPresent();
        answer.ifPresent(addresses::addAll);
      }
      return new Found(addresses, whole);
    } finally {
      asked.forEach(Process::destroyForcibly);
    }
  }

  private Process start(String question, String name) throws IOException {
    var argv = new ArrayList<>(program);
    argv.addAll(List.of(question, name));
    return new ProcessBuilder(argv)
        .redirectInput(Redirect.from(new File("/dev/null")))
        .redirectError(Redirect.DISCARD)
        .start();
  }

  // Read at its end, so that no thread hangs in a pipe: hundreds of addresses fit into that, and
  // who has more keeps the program waiting until it is ended.
  private static Optional<List<InetAddress>> answer(Process process, long deadline)
      throws IOException, InterruptedException {
    if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    return Optional.of(
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(line -> InetAddress.ofLiteral(line.replaceFirst("\\s.*", "")))
            .toList());
  }
}

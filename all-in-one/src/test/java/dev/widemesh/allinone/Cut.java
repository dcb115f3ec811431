package dev.widemesh.allinone;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A port of this machine that loopback does not reach: packets are lost, or refused.
final class Cut implements AutoCloseable {
  private final List<List<String>> rules = new ArrayList<>();

  private Cut(List<List<String>> wanted) {
    try {
      for (var rule : wanted) {
        iptables("-I", rule).ok();
        rules.add(rule);
      }
    } catch (AssertionError | RuntimeException e) {
      close();
      throw e;
    }
  }

  /// Nobody is told, on neither side.
  static Cut dropping(int port) {
    return new Cut(List.of(rule("--dport", port, "DROP"), rule("--sport", port, "DROP")));
  }

  /// As where nothing listens.
  static Cut refusing(int port) {
    return new Cut(List.of(rule("--dport", port, "REJECT", "--reject-with", "tcp-reset")));
  }

  private static List<String> rule(String which, int port, String... target) {
    var rule = new ArrayList<>(List.of("INPUT", "-i", "lo", "-p", "tcp", which, "" + port, "-j"));
    rule.addAll(List.of(target));
    return rule;
  }

  private static Shell.Result iptables(String verb, List<String> rule) {
    var argv = new ArrayList<>(List.of("iptables", "-w", "5", verb));
    argv.addAll(rule);
    return Shell.run(Path.of("/"), Map.of(), argv);
  }

  @Override
  public void close() {
    var removed = rules.stream().map(rule -> iptables("-D", rule)).toList();
    removed.forEach(Shell.Result::ok);
  }
}

package dev.widemesh.allinone;

import java.util.ArrayList;
import java.util.List;

/// IPv6 that is forced on containers from outside, which no tenant can: addresses, a route through
/// the host, and a host that forwards. Whether anything goes through is up to the rules, which can
/// be passed over as if there were none.
record ForcedSix(String forwarding) implements AutoCloseable {
  private static final String FORWARDING = "net.ipv6.conf.all.forwarding";

  /// Docker does the same when it makes a network with IPv6, but never turns it off again.
  static ForcedSix start() {
    var before = Shell.printed("sysctl", "-n", FORWARDING);
    set(FORWARDING, "1");
    return new ForcedSix(before);
  }

  /// The container is `NET::NUMBER` and `fe80::77:NUMBER`, the host at its bridge `::1`.
  void on(String container, String bridge, String net, int number) {
    var pid = Shell.printed("docker", "inspect", "-f", "{{.State.Pid}}", container);
    turnOn(pid, "eth0");
    for (var address : List.of(net + "::" + number, "fe80::77:" + number)) {
      inside(pid, "ip", "addr", "add", address + "/64", "dev", "eth0", "nodad");
    }
    set("net.ipv6.conf." + bridge + ".disable_ipv6", "0");
    for (var address : List.of(net + "::1", "fe80::77:1")) {
      Shell.printed("ip", "addr", "replace", address + "/64", "dev", bridge, "nodad");
    }
    inside(pid, "ip", "-6", "route", "add", "default", "via", net + "::1");
  }

  static void turnOn(String pid, String device) {
    for (var where : List.of("all", "default", device)) {
      inside(pid, "sysctl", "-qw", "net.ipv6.conf." + where + ".disable_ipv6=0");
    }
  }

  /// In the network of that process.
  static void inside(String pid, String... program) {
    var argv = new ArrayList<>(List.of("nsenter", "-t", pid, "-n"));
    argv.addAll(List.of(program));
    Shell.printed(argv.toArray(String[]::new));
  }

  private static void set(String name, String value) {
    Shell.printed("sysctl", "-qw", name + "=" + value);
  }

  /// For the devices whose names begin so, no rule counts.
  static PassedOver passOver(String... devices) {
    var rules = new ArrayList<List<String>>();
    for (var device : devices) {
      rules.add(List.of("INPUT", "-i", device + "+", "-j", "ACCEPT"));
      rules.add(List.of("FORWARD", "-i", device + "+", "-j", "ACCEPT"));
      rules.add(List.of("FORWARD", "-o", device + "+", "-j", "ACCEPT"));
    }
    rules.forEach(rule -> change("-I", rule));
    return new PassedOver(rules);
  }

  record PassedOver(List<List<String>> rules) implements AutoCloseable {
    @Override
    public void close() {
      rules.forEach(rule -> change("-D", rule));
    }
  }

  private static void change(String verb, List<String> rule) {
    var argv = new ArrayList<>(List.of("ip6tables", "-w", "5", verb));
    argv.addAll(rule);
    Shell.printed(argv.toArray(String[]::new));
  }

  @Override
  public void close() {
    set(FORWARDING, forwarding);
  }
}

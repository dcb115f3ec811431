package dev.widemesh.rack;

import dev.widemesh.api.rack.RackSurvey.Rules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps environments apart from each other and from the host. Docker alone does not: a container
/// reaches every address of the host, the other bridges' too, and the cloud's metadata service.
///
/// Our chains are written whole, in one transaction, and hooked in where they are missing: doing it
/// again changes nothing, and dockerd's own rewriting is undone.
final class Firewall {
  private static final Logger log = LoggerFactory.getLogger(Firewall.class);
  private static final int SECONDS = 15;
  private static final int KILLED = 128 + 9;

  /// What clouds call metadata: nearly all of them link-local, then Azure, Alibaba, Oracle.
  private static final List<String> METADATA =
      List.of("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32");

  private static final String SIX_RULE = "-j REJECT";

  private final RackRunnerConfig config;
  private final String bridges;
  private final String in;
  private final String forward;
  private final Map<String, Subnet> environments = new TreeMap<>();
  private boolean sixFailed;

  Firewall(RackRunnerConfig config) {
    this.config = config;
    this.bridges = "wm-" + config.platform() + "+";
    this.in = "WM-" + config.platform() + "-IN";
    this.forward = "WM-" + config.platform() + "-FWD";
  }

  synchronized void allow(String environment, Subnet subnet) {
    if (!subnet.equals(environments.put(environment, subnet))) {
      assertRules();
    }
  }

  synchronized void forget(String environment) {
    if (environments.remove(environment) != null) {
      assertRules();
    }
  }

  synchronized void assertRules() {
    restore("iptables-restore", rules());
    hook("iptables", "INPUT", "-i", in);
    hook("iptables", "DOCKER-USER", "", forward);
    assertSix();
  }

  /// The bridges have link-local IPv6 addresses even where their networks have none.
  private void assertSix() {
    try {
      restore("ip6tables-restore", sixRules());
      hook("ip6tables", "INPUT", "-i", in);
      hook("ip6tables", "FORWARD", "-i", in);
      hook("ip6tables", "FORWARD", "-o", in);
      sixFailed = false;
    } catch (IllegalStateException e) {
      if (!sixFailed) {
        log.info("no IPv6 rules here: {}", e.getMessage());
      }
      sixFailed = true;
    }
  }

  private String sixRules() {
    return String.join(
            "\n", "*filter", ":" + in + " - [0:0]", "-A " + in + " " + SIX_RULE, "COMMIT")
        + "\n";
  }

  String rules() {
    var lines = new ArrayList<String>();
    lines.add("*filter");
    lines.add(":" + in + " - [0:0]");
    lines.add(":" + forward + " - [0:0]");
    inRules().forEach(rule -> lines.add("-A " + in + " " + rule));
    forwardRules().forEach(rule -> lines.add("-A " + forward + " " + rule));
    lines.add("COMMIT");
    return String.join("\n", lines) + "\n";
  }

  private List<String> inRules() {
    var rules = new ArrayList<String>();
    rules.add("-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT");
    environments.forEach(
        (environment, subnet) -> {
          var own =
              "-i %s -s %s -d %s".formatted(bridge(environment), subnet, subnet.routerAddress());
          rules.add(own + " -p udp --dport 53 -j ACCEPT");
          rules.add(own + " -p tcp --dport 53 -j ACCEPT");
          rules.add(own + " -p tcp --dport 80 -j ACCEPT");
        });
    rules.add("-d " + config.pool() + " -j REJECT");
    publicRules(rules);
    rules.add("-j REJECT");
    return rules;
  }

  /// As any client on the Internet: apps call their own URLs.
  private void publicRules(List<String> rules) {
    try {
      var address = InetAddress.getByName(config.publicListen());
      if (address.isLoopbackAddress()) {
        return;
      }
      var four = address instanceof java.net.Inet4Address && !address.isAnyLocalAddress();
      var to = four ? "-d " + address.getHostAddress() + " " : "";
      for (var port : List.of(config.httpPort(), config.httpsPort())) {
        rules.add(to + "-p tcp --dport " + port + " -j ACCEPT");
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an address: " + config.publicListen(), e);
    }
  }

  private List<String> forwardRules() {
    var rules = new ArrayList<String>();
    METADATA.forEach(to -> rules.add("-i " + bridges + " -d " + to + " -j REJECT"));
    for (var environment : environments.keySet()) {
      var bridge = bridge(environment);
      rules.add("-i %s -o %s -j RETURN".formatted(bridge, bridge));
    }
    rules.add("-i " + bridges + " -o wm-+ -j REJECT");
    rules.add("-i wm-+ -o " + bridges + " -j REJECT");
    return rules;
  }

  String bridge(String environment) {
    return "wm-" + config.platform() + environment;
  }

  private void hook(String tables, String chain, String direction, String target) {
    var rule = new ArrayList<String>();
    if (!direction.isEmpty()) {
      rule.addAll(List.of(direction, bridges));
    }
    rule.addAll(List.of("-j", target));
    if (run(command(tables, List.of("-C", chain), rule), "").failed()) {
      run(command(tables, List.of("-I", chain, "1"), rule), "").orThrow();
    }
  }

  private static List<String> command(String tables, List<String> verb, List<String> rule) {
    var command = new ArrayList<>(List.of(tables, "-w", "5"));
    command.addAll(verb);
    command.addAll(rule);
    return command;
  }

  private static void restore(String program, String rules) {
    run(List.of(program, "-w", "5", "--noflush"), rules).orThrow();
  }

  /// What the kernel has of our rules.
  synchronized Rules compare() {
    var missing = new ArrayList<String>();
    var strange = new ArrayList<String>();
    compare("iptables", RuleList.of(in, inRules()), missing, strange);
    compare("iptables", RuleList.of(forward, forwardRules()), missing, strange);
    requireHook("iptables", "INPUT", "-i " + bridges + " -j " + in, missing);
    requireHook("iptables", "DOCKER-USER", "-j " + forward, missing);
    if (!sixFailed) {
      var six = new ArrayList<String>();
      compare("ip6tables", RuleList.of(in, List.of(SIX_RULE)), six, strange);
      requireHook("ip6tables", "INPUT", "-i " + bridges + " -j " + in, six);
      requireHook("ip6tables", "FORWARD", "-i " + bridges + " -j " + in, six);
      requireHook("ip6tables", "FORWARD", "-o " + bridges + " -j " + in, six);
      six.forEach(rule -> missing.add("for IPv6 " + rule));
    }
    return new Rules(missing, strange);
  }

  private static void compare(
      String tables, RuleList wanted, List<String> missing, List<String> strange) {
    var there = RuleList.printed(wanted.chain(), print(tables, wanted.chain()));
    missing.addAll(wanted.beyond(there));
    strange.addAll(there.beyond(wanted));
  }

  private static void requireHook(String tables, String chain, String rule, List<String> missing) {
    var wanted = RuleList.of(chain, List.of(rule));
    missing.addAll(wanted.beyond(RuleList.printed(chain, print(tables, chain))));
  }

  private static String print(String tables, String chain) {
    return run(List.of(tables, "-w", "5", "-S", chain), "").output();
  }

  /// Leaves nothing of ours.
  synchronized void purge() {
    for (var tables : List.of("iptables", "ip6tables")) {
      unhook(tables, "INPUT", List.of("-i", bridges, "-j", in));
      unhook(tables, "DOCKER-USER", List.of("-j", forward));
      unhook(tables, "FORWARD", List.of("-i", bridges, "-j", in));
      unhook(tables, "FORWARD", List.of("-o", bridges, "-j", in));
      for (var chain : List.of(in, forward)) {
        run(List.of(tables, "-w", "5", "-F", chain), "");
        run(List.of(tables, "-w", "5", "-X", chain), "");
      }
    }
  }

  private static void unhook(String tables, String chain, List<String> rule) {
    run(command(tables, List.of("-D", chain), rule), "");
  }

  private record Ran(List<String> command, int exitCode, String output) {
    boolean failed() {
      return exitCode != 0;
    }

    void orThrow() {
      if (failed()) {
        throw new IllegalStateException(
            "%s failed (%d): %s".formatted(String.join(" ", command), exitCode, output.strip()));
      }
    }
  }

  private static Ran run(List<String> command, String input) {
    try {
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      CompletableFuture.delayedExecutor(SECONDS, TimeUnit.SECONDS)
          .execute(process::destroyForcibly);
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      // Before the wait: a list of a thousand environments is more than a pipe holds.
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      var exitCode = process.waitFor();
      return exitCode == KILLED
          ? new Ran(command, -1, "took longer than " + SECONDS + " s")
          : new Ran(command, exitCode, output);
    } catch (IOException e) {
      return new Ran(command, -1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ran(command, -1, "interrupted");
    }
  }
}

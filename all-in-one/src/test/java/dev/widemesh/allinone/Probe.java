package dev.widemesh.allinone;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A question to be asked from inside some container: is there an answer at that place? Needs bash
/// and coreutils there. `kind` is `tcp`, `dns` (a query over UDP), `name` (whether `host`
/// resolves), `socket` (whether Docker's is there, at that path or mounted at another) or `six`
/// (whether that list of the kernel names more of IPv6 than loopback).
record Probe(String title, String kind, String host, int port) {
  private static final Pattern ANSWER = Pattern.compile("PROBE (\\S+) (open|closed)");

  // A query for the name `a`: whatever the answer, there is one.
  private static final String FUNCTIONS =
      """
      tcp() { timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }
      dns() {
        exec 3<>"/dev/udp/$1/$2" || return 1
        printf '\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x01a\\x00\\x00\\x01\\x00\\x01' >&3
        (($(timeout 3 head -c 2 <&3 2>/dev/null | wc -c) == 2))
      }
      socket() { [[ -S $1 || $(</proc/self/mountinfo) == *docker.sock* ]]; }
      six() {
        local line
        while read -r line; do [[ $line == *' lo' ]] || return 0; done <"$1"
        return 1
      }
      name() { timeout 10 getent ahosts "$1" >/dev/null; }
      probe() {
        local title=$1 kind=$2
        shift 2
        if "$kind" "$@" 2>/dev/null; then echo "PROBE $title open"; else echo "PROBE $title closed"; fi
      }
      """;

  static Probe tcp(String title, String host, int port) {
    return new Probe(title, "tcp", host, port);
  }

  static Probe dns(String title, String host) {
    return new Probe(title, "dns", host, 53);
  }

  static Probe name(String host) {
    return new Probe("name-" + host, "name", host, 0);
  }

  static Probe dockerSocket() {
    return new Probe("docker-socket", "socket", "/var/run/docker.sock", 0);
  }

  /// Whether there is any address and any route.
  static List<Probe> six() {
    return List.of(
        new Probe("ipv6-address", "six", "/proc/net/if_inet6", 0),
        new Probe("ipv6-route", "six", "/proc/net/ipv6_route", 0));
  }

  /// Asks all of them at once.
  static String script(List<Probe> probes) {
    var script = new StringBuilder(FUNCTIONS);
    for (var probe : probes) {
      script.append(
          "probe %s %s %s %d &\n"
              .formatted(probe.title(), probe.kind(), probe.host(), probe.port()));
    }
    return script.append("wait\n").toString();
  }

  /// `open` or `closed` by title, out of what the script printed.
  static Map<String, String> answers(String output) {
    var answers = new TreeMap<String, String>();
    ANSWER.matcher(output).results().forEach(found -> answers.put(found.group(1), found.group(2)));
    return answers;
  }

  static Map<String, String> all(List<Probe> probes, String answer) {
    var answers = new TreeMap<String, String>();
    probes.forEach(probe -> answers.put(probe.title(), answer));
    return answers;
  }

  /// From inside a container that runs.
  static Map<String, String> from(String container, List<Probe> probes) {
    var argv = new ArrayList<>(List.of("docker", "exec", container, "bash", "-c", script(probes)));
    return answers(Shell.run(java.nio.file.Path.of("/"), Map.of(), argv).ok().out());
  }
}

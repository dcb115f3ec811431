package dev.widemesh.rack;

import dev.widemesh.api.Survey;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.api.rack.RackSurvey.Container;
import dev.widemesh.api.rack.RackSurvey.Docker;
import dev.widemesh.api.rack.RackSurvey.Network;
import dev.widemesh.api.rack.RackSurvey.Routed;
import dev.widemesh.api.rack.RackSurvey.Router;
import dev.widemesh.api.rack.RackSurvey.Rules;
import dev.widemesh.api.rack.RackSurvey.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/// Says what this rack really has: asks Docker, the kernel and the disk, whatever we believe.
final class Surveyor {
  private static final String DEFINITION = "definition-";
  private static final String LEDGER = "ledger-";

  private final Parts parts;
  private final List<EnvironmentLoop> loops;
  private final List<String> troubles = new ArrayList<>();

  private Surveyor(Parts parts, List<EnvironmentLoop> loops) {
    this.parts = parts;
    this.loops = loops;
  }

  static RackSurvey survey(Parts parts, List<EnvironmentLoop> loops) {
    return new Surveyor(parts, loops).survey();
  }

  // The books after Docker: what is made in between is in them.
  private RackSurvey survey() {
    var platform = parts.config().platform();
    var engine = parts.engine();
    var docker = ask("Docker", engine::facts, new Docker("", false));
    var containers = ask("Docker", () -> engine.everything(platform), List.<Container>of());
    var networks = ask("Docker", () -> engine.everyOwnNetwork(platform), List.<Network>of());
    var rules =
        ask("the firewall", parts.networks().firewall()::compare, new Rules(List.of(), List.of()));
    if (containers.size() > Survey.MOST) {
      troubles.add("only the first " + Survey.MOST + " containers were looked at");
    }
    var remembered = ask("the disk", this::remembered, Map.<String, List<String>>of());
    return new RackSurvey(
        troubles,
        disk(),
        docker,
        containers.stream().limit(Survey.MOST).toList(),
        networks.stream().limit(Survey.MOST).toList(),
        loops.stream().map(EnvironmentLoop::book).toList(),
        remembered,
        table(),
        rules);
  }

  private <T> T ask(String whom, Callable<T> question, T otherwise) {
    try {
      return question.call();
    } catch (Exception e) {
      troubles.add(whom + " does not answer: " + Refusals.reason(e));
      return otherwise;
    }
  }

  private Survey.Disk disk() {
    var data = parts.config().data();
    try {
      var store = Files.getFileStore(data);
      return new Survey.Disk(data.toString(), store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException _) {
      return new Survey.Disk(data.toString(), 0, 0);
    }
  }

  /// What is kept on disk for each environment.
  private Map<String, List<String>> remembered() throws IOException {
    var found = new TreeMap<String, List<String>>();
    for (var name : parts.vault().names(DEFINITION)) {
      add(found, name.substring(DEFINITION.length()), "a definition");
    }
    for (var name : parts.vault().names(LEDGER)) {
      add(found, name.substring(LEDGER.length()), "a ledger");
    }
    parts.subnets().environments().forEach(environment -> add(found, environment, "a subnet"));
    for (var kind : List.of("logs", "resolv")) {
      var folder = parts.config().data().resolve(kind);
      if (Files.exists(folder)) {
        try (var files = Files.list(folder)) {
          files.forEach(file -> add(found, file.getFileName().toString(), kind));
        }
      }
    }
    return found;
  }

  private static void add(Map<String, List<String>> found, String environment, String what) {
    found.computeIfAbsent(environment, _ -> new ArrayList<>()).add(what);
  }

  private Table table() {
    var votes = parts.routers().votes();
    var table = parts.routes().table();
    var routed = new ArrayList<Routed>();
    for (var environment : table.environments()) {
      for (var service : environment.services()) {
        for (var instance : service.instances()) {
          routed.add(
              new Routed(
                  environment.id(),
                  instance.id(),
                  instance.address(),
                  instance.port(),
                  instance.role()));
        }
      }
    }
    return new Table(
        table.revision(),
        table.environments().stream().map(environment -> environment.id()).toList(),
        routed,
        votes.live().stream().map(Surveyor::router).toList());
  }

  private static Router router(RouterVotes.Vote vote) {
    var report = vote.report();
    return new Router(
        report.router(),
        report.applied(),
        report.probes().stream().map(probe -> probe.instance()).toList());
  }
}

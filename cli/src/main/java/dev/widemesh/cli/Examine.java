package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Checkup;
import dev.widemesh.api.Views.Finding;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class Examine implements Command {
  @Mixin final Format format = new Format();

  @Option(
      names = "--invariants",
      description =
          "Compare all that there is (containers, addresses, networks, firewall rules, routes,"
              + " refs, images) with what should be.")
  boolean invariants;

  @Override
  public ExitCode run(Session mesh) {
    var query = invariants ? "?invariants=true" : "";
    var checkup = mesh.controller().get(Route.DOCTOR.path() + query, Checkup.class);
    if (format.json) {
      mesh.terminal().json(checkup);
    } else {
      print(mesh, checkup);
    }
    return checkup.findings().isEmpty() ? ExitCode.OK : ExitCode.FOUND;
  }

  private static void print(Session mesh, Checkup checkup) {
    list(mesh, checkup.findings(), Colour.RED);
    list(mesh, checkup.advice(), Colour.BOLD);
    var count = checkup.findings().size();
    if (count > 0) {
      mesh.note(count == 1 ? "1 finding" : count + " findings");
    } else {
      mesh.say("Nothing is wrong" + looked(checkup) + ".");
    }
  }

  private static void list(Session mesh, List<Finding> findings, Colour colour) {
    for (var finding : findings) {
      var terminal = mesh.terminal();
      terminal.say(terminal.paint(colour, finding.part()) + ": " + terminal.tame(finding.what()));
      terminal.say("  try: " + terminal.tame(finding.remedy()));
    }
  }

  private static String looked(Checkup checkup) {
    return checkup.compared().isEmpty()
        ? ""
        : new TreeMap<>(checkup.compared())
            .entrySet().stream()
                .map(each -> each.getValue() + " " + each.getKey())
                .collect(Collectors.joining(", ", " (compared: ", ")"));
  }
}

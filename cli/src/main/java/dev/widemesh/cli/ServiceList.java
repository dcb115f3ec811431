package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Instance;
import dev.widemesh.api.Views.Service;
import java.time.Instant;
import java.util.Arrays;
import picocli.CommandLine.Mixin;

final class ServiceList implements Command {
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var environment = target.environment(mesh);
    var only = target.stackOption();
    var found = mesh.controller().get(Route.LIST_SERVICES.with(environment), Service[].class);
    var services =
        Arrays.stream(found)
            .filter(service -> only.isEmpty() || only.get().equals(service.stack()))
            .toArray(Service[]::new);
    if (format.json) {
      mesh.terminal().json(services);
    } else if (services.length == 0) {
      mesh.note("No services yet: the first git push makes them.");
    } else {
      print(mesh, services);
    }
    return ExitCode.OK;
  }

  private static void print(Session mesh, Service[] services) {
    var table =
        Table.of(
            "STACK",
            "SERVICE",
            "TYPE",
            "DEPLOYED",
            "STATUS",
            "RESTARTS",
            "EXIT",
            "RACK",
            "AGE",
            "CPU",
            "MEMORY",
            "MESSAGE");
    for (var service : services) {
      service.instances().forEach(instance -> table.row(cells(service, instance)));
      if (service.instances().isEmpty()) {
        table.row(none(service));
      }
    }
    table.print(mesh.terminal());
  }

  private static Table.Cell[] cells(Service service, Instance instance) {
    return new Table.Cell[] {
      Table.Cell.of(service.stack()),
      Table.Cell.of(instance.name()),
      Table.Cell.of(service.kind()),
      Table.Cell.of(Shown.orDash(instance.deployment())),
      Table.Cell.state(instance.status()),
      Table.Cell.of(String.valueOf(instance.restarts())),
      Table.Cell.of(Shown.orDash(instance.exitCode())),
      Table.Cell.of(instance.rack()),
      Table.Cell.of(Shown.age(instance.since(), Instant.now())),
      Table.Cell.of(Shown.cpus(instance.cpus())),
      Table.Cell.of(Shown.bytes(instance.memoryBytes()) + "/" + Shown.bytes(service.memoryBytes())),
      Table.Cell.of(Shown.line(instance.message()))
    };
  }

  private static Table.Cell[] none(Service service) {
    var message = service.wanted() == 0 ? "scaled to 0" : "no instance yet";
    var texts =
        new String[] {
          service.stack(),
          service.name(),
          service.kind(),
          Shown.orDash(service.deployment()),
          "-",
          "-",
          "-",
          "-",
          "-",
          "-",
          "-",
          message
        };
    return Arrays.stream(texts).map(Table.Cell::of).toArray(Table.Cell[]::new);
  }
}

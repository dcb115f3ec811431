package dev.widemesh.allinone;

import dev.widemesh.builder.Builder;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "purge",
    description = "Remove a platform for good: containers, networks, firewall rules, data folder.")
final class Purge implements Callable<Integer> {
  @Mixin private DataOption dataOption = new DataOption();

  @Option(names = "--yes", description = "Do it without asking.")
  private boolean yes;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var data = dataOption.folder();
    if (!data.exists()) {
      throw new Refused(
          "there is no platform in " + data.root(), "name its folder with --data DIR");
    }
    Preflight.root("purge");
    if (!yes) {
      throw new Refused(
          "this deletes every app, repository and log in " + data.root(),
          "./widemesh purge --data %s --yes".formatted(data.root()));
    }
    Down.stop(data);
    RackProcess.purge(data);
    Builder.purge(Platform.read(data).id(), ControlProcess.builds(data));
    Up.forgetLogin(data);
    PostgresBinaries.deleteTree(data.root());
    System.out.println("Nothing of " + data.root() + " is left.");
    return 0;
  }
}

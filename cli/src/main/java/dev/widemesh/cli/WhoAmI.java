package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.Account;
import picocli.CommandLine.Mixin;

final class WhoAmI implements Command {
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) {
    var controller = mesh.controller();
    var account = controller.get(Route.WHOAMI.path(), Account.class);
    if (format.json) {
      mesh.terminal().json(account);
    } else {
      mesh.say(account.name() + (account.admin() ? " (administrator)" : ""));
      mesh.note("at " + controller.base());
    }
    return ExitCode.OK;
  }
}

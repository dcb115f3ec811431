package dev.widemesh.allinone;

import dev.widemesh.router.Router;
import dev.widemesh.router.RouterConfig;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "router", hidden = true)
final class RouterProcess implements Callable<Integer> {
  @Mixin private DataOption dataOption = new DataOption();

  @Override
  public Integer call() throws Exception {
    var data = dataOption.folder();
    var platform = Platform.read(data);
    var succession = new Succession(data);
    try (var parts = new Parts()) {
      var router = Router.start(config(data, platform));
      parts.add(() -> succession.handOver(router));
      succession.announce();
      parts.untilAsked();
    }
    return 0;
  }

  static RouterConfig config(DataFolder data, Platform platform) {
    return new RouterConfig(
        data.router(), data.routesSocket(), platform.listen(), platform.http(), platform.https());
  }
}

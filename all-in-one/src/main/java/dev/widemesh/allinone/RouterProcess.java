package dev.widemesh.allinone;

import dev.widemesh.router.Router;
import dev.widemesh.router.RouterConfig;

final class RouterProcess {
  private RouterProcess() {}

  static void run(DataFolder data) throws Exception {
    var platform = Platform.read(data);
    var succession = new Succession(data);
    try (var parts = new Parts()) {
      var router = Router.start(config(data, platform));
      parts.add(() -> succession.handOver(router));
      succession.announce();
      parts.untilAsked();
    }
  }

  static RouterConfig config(DataFolder data, Platform platform) {
    return new RouterConfig(
        data.router(), data.routesSocket(), platform.listen(), platform.http(), platform.https());
  }
}

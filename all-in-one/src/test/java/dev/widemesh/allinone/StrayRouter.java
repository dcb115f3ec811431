package dev.widemesh.allinone;

import dev.widemesh.api.Json;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.api.rack.RouterReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// A router of the rack that stays at one table and knows no instance, as one that hangs. It
/// reports every two seconds, like every router.
record StrayRouter(String name, Path socket, ScheduledExecutorService beat)
    implements AutoCloseable {
  /// `behind` the newest table by so many.
  static StrayRouter report(TestPlatform platform, String name, long behind) {
    var socket = new DataFolder(platform.data).routesSocket();
    var beat = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    var stray = new StrayRouter(name, socket, beat);
    var table = Json.read(stray.call("GET", "routes?after=0", ""), RouteTable.class);
    var report = new RouterReport(name, table.revision() - behind, List.of(), List.of());
    stray.say(report);
    var _ = beat.scheduleAtFixedRate(() -> stray.say(report), 2, 2, TimeUnit.SECONDS);
    return stray;
  }

  private void say(RouterReport report) {
    call("POST", "reports", Json.write(report));
  }

  private String call(String method, String path, String body) {
    var argv = new ArrayList<>(List.of("curl", "-sS", "--fail", "--max-time", "10", "-X", method));
    if (!body.isEmpty()) {
      argv.addAll(List.of("--data-binary", body));
    }
    argv.addAll(List.of("--unix-socket", socket.toString(), "http://rack/" + path));
    return Shell.run(Path.of("/"), Map.of(), argv).ok().out();
  }

  @Override
  public void close() {
    beat.close();
    call("DELETE", "routers/" + name, "");
  }
}

package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(SharedPlatform.class)
class IsolationTest {
  private static final String PROBE =
      """
      const http = require('http'), net = require('net'), dns = require('dns')
      const fetch = url => new Promise(done => {
        const request = http.get(url, { timeout: 3000 }, answer => {
          let body = ''
          answer.on('data', part => { body += part })
          answer.on('end', () => done(`${answer.statusCode} ${body}`))
        })
        request.on('timeout', () => request.destroy(new Error('timeout')))
        request.on('error', error => done(`closed ${error.code ?? error.message}`))
      })
      const connect = (host, port) => new Promise(done => {
        const socket = net.connect({ host, port, timeout: 3000 })
        socket.on('connect', () => { socket.destroy(); done('open') })
        socket.on('timeout', () => { socket.destroy(); done('closed timeout') })
        socket.on('error', error => done(`closed ${error.code}`))
      })
      http.createServer(async (request, response) => {
        const q = new URL(request.url, 'http://x').searchParams
        if (q.has('fetch')) response.end(await fetch(q.get('fetch')))
        else if (q.has('connect')) response.end(await connect(...q.get('connect').split(' ')))
        else if (q.has('resolve')) dns.lookup(q.get('resolve'), (error, address) => response.end(error ? `closed ${error.code}` : address))
        else response.end('secret of NAME')
      }).listen(process.env.PORT, '0.0.0.0')
      """;

  private final TestPlatform platform;

  IsolationTest(TestPlatform platform) {
    this.platform = platform;
  }

  @Test
  @Tag("ENV-5")
  @Tag("ENV-6")
  @Tag("NET-1")
  @Tag("NET-2")
  void environments_reach_themselves_and_not_each_other() throws IOException {
    var a = probing("iso-a");
    var b = probing("iso-b");
    var addressOfB = inspect(b, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
    var gatewayOfB = inspect(b, "{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}");

    assertThat(ask(a, "fetch", "http://shop-web/")).isEqualTo("200 secret of iso-a");

    assertThat(ask(a, "fetch", "http://" + addressOfB + ":8080/")).startsWith("closed");
    assertThat(ask(a, "fetch", "http://" + gatewayOfB + "/")).startsWith("closed");
    assertThat(ask(a, "connect", gatewayOfB + " 53")).startsWith("closed");
    assertThat(ask(a, "resolve", "other-web")).startsWith("closed");
    for (var port : List.of(platform.api, platform.ssh, platform.https)) {
      assertThat(ask(a, "connect", gatewayOfB + " " + port)).startsWith("closed");
      assertThat(ask(a, "connect", hostAddress() + " " + port)).startsWith("closed");
    }
    assertThat(ask(a, "connect", "169.254.169.254 80")).startsWith("closed");
    assertThat(ask(a, "connect", "172.17.0.1 22")).startsWith("closed");
  }

  private App probing(String name) throws IOException {
    var stack = name.equals("iso-a") ? "shop" : "other";
    var app = App.create(platform, platform.environmentOf(name), stack);
    app.node("x").write("server.js", PROBE.replace("NAME", name)).commit("probe").push().ok();
    return app;
  }

  private static String ask(App app, String what, String value) throws IOException {
    var encoded =
        java.net.URLEncoder.encode(value, java.nio.charset.StandardCharsets.UTF_8)
            .replace("+", "%20");
    return app.answer("/?" + what + "=" + encoded);
  }

  private static String inspect(App app, String format) {
    var id =
        docker(
            "ps",
            "-q",
            "--filter",
            "label=dev.widemesh.stack=" + app.stack,
            "--filter",
            "name=" + app.environment);
    return docker("inspect", "-f", format, id);
  }

  private static String docker(String... args) {
    var argv = new java.util.ArrayList<>(List.of("docker"));
    argv.addAll(List.of(args));
    return Shell.run(java.nio.file.Path.of("/"), Map.of(), argv).ok().out().strip();
  }

  private static String hostAddress() throws IOException {
    try (var socket = new java.net.DatagramSocket()) {
      socket.connect(java.net.InetAddress.getByName("192.0.2.77"), 9);
      return socket.getLocalAddress().getHostAddress();
    }
  }
}

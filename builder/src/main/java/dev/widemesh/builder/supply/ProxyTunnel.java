package dev.widemesh.builder.supply;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.widemesh.builder.debian.OutwardProxy;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to a `place` (`host:port`) through the operator's proxy, which is told who asks.
record ProxyTunnel(OutwardProxy proxy, String place) {
  private static final Logger log = LoggerFactory.getLogger(ProxyTunnel.class);
  private static final Pattern GOOD = Pattern.compile("HTTP/1\\.[01] 200[ \r](?s:.*)");
  private static final Pattern LOGIN = Pattern.compile("HTTP/1\\.[01] 407[ \r](?s:.*)");

  Socket open() throws IOException, BuildRefused {
    var reached = Gate.reached(new InetSocketAddress(proxy.host(), proxy.port()));
    if (reached.isPresent()) {
      var socket = reached.get();
      var answer = ask(socket);
      if (GOOD.matcher(answer).matches()) {
        return socket;
      }
      socket.close();
      if (LOGIN.matcher(answer).matches()) {
        throw refused(
            "wants a name and password",
            "let the operator correct them: HTTPS_PROXY=http://name:password@" + proxy);
      }
    }
    throw refused("does not lead there", "ask the operator about that proxy, or push again later");
  }

  private String ask(Socket socket) {
    var authorization = proxy.authorization().map("Proxy-Authorization: %s\r\n"::formatted);
    var question =
        "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
            .formatted(place, place, authorization.orElse(""));
    try {
      socket.setSoTimeout(Math.toIntExact(Gate.PATIENCE.toMillis()));
      socket.getOutputStream().write(question.getBytes(UTF_8));
      return Gate.head(socket.getInputStream());
    } catch (IOException e) {
      log.debug("the proxy {} does not answer: {}", proxy, e.toString());
      return "";
    }
  }

  private BuildRefused refused(String why, String nextStep) {
    return BuildRefused.because(
        "buildpacks cannot be fetched from %s (the proxy %s %s)"
            .formatted(place, proxy.host(), why),
        nextStep);
  }
}

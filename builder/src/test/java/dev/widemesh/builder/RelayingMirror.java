package dev.widemesh.builder;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.widemesh.builder.lifecycle.Mirrors;
import dev.widemesh.builder.supply.TlsHost;
import dev.widemesh.builder.supply.TlsHost.Page;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A mirror of the operator's that build containers reach over TLS and with a login. It has what
/// the real registries have, and says of their files that they are its own.
final class RelayingMirror implements AutoCloseable {
  private static final Map<String, String> ORIGINS =
      Map.of(
          "/npm/", "https://registry.npmjs.org/",
          "/pypi/simple/", "https://pypi.org/simple/",
          "/files/", "https://files.pythonhosted.org/",
          "/maven2/", "https://repo.maven.apache.org/maven2/");
  private static final String LOGIN = "ada:s3c/ret";
  private static final String AUTHORIZATION =
      "Basic " + Base64.getEncoder().encodeToString(LOGIN.getBytes(UTF_8));

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final TlsHost host;

  /// The paths of files that it had for who knew the login.
  final List<String> given = new CopyOnWriteArrayList<>();

  private RelayingMirror(TlsHost host) {
    this.host = host;
    host.guard(this::answer);
  }

  /// At an address that every container of this machine reaches.
  static RelayingMirror start(Path folder, String address) throws Exception {
    return new RelayingMirror(TlsHost.start(folder, InetAddress.getByName(address)));
  }

  Mirrors mirrors() {
    return new Mirrors(
        Mirrors.DEBIAN,
        Optional.empty(),
        Optional.of(url("/maven2")),
        Optional.of(url("/npm")),
        Optional.of(url("/pypi/simple")));
  }

  String name() {
    return host.name();
  }

  Path trusted() throws IOException {
    return host.trusted();
  }

  private String url(String path) {
    return "https://ada:s3c%2Fret@" + host.name() + path;
  }

  private Optional<Page> answer(String path, String authorization) {
    if (!authorization.equals(AUTHORIZATION)) {
      return Optional.of(
          new Page(401, new byte[0], Map.of("WWW-Authenticate", "Basic realm=\"mirror\"")));
    }
    return ORIGINS.entrySet().stream()
        .filter(origin -> path.startsWith(origin.getKey()))
        .map(origin -> relayed(path, origin.getValue() + path.substring(origin.getKey().length())))
        .findFirst();
  }

  private Page relayed(String path, String url) {
    try {
      var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofMinutes(2)).build();
      var answer = client.send(request, BodyHandlers.ofByteArray());
      if (answer.statusCode() == 200) {
        given.add(path);
      }
      var type = answer.headers().firstValue("Content-Type").orElse("application/octet-stream");
      return new Page(answer.statusCode(), own(answer.body(), type), Map.of("Content-Type", type));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }

  private byte[] own(byte[] body, String type) {
    if (!type.contains("json") && !type.contains("html")) {
      return body;
    }
    var text = new String(body, UTF_8);
    for (var origin : ORIGINS.entrySet()) {
      text = text.replace(origin.getValue(), "https://" + host.name() + origin.getKey());
    }
    return text.getBytes(UTF_8);
  }

  @Override
  public void close() {
    host.close();
  }
}

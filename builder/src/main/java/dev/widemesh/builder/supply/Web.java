package dev.widemesh.builder.supply;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.ShownAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;

/// Asks over https, through a gate.
final class Web implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Set<Integer> ELSEWHERE = Set.of(301, 302, 303, 307, 308);
  private static final String AUTHORIZATION = "Authorization";
  private static final int MOST_HOPS = 5;

  private final Gate gate;
  private final HttpClient http;

  Web(Gate gate, SSLContext trust) {
    this.gate = gate;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(gate.selector())
            .sslContext(trust)
            .build();
  }

  /// Goes where it is sent on, but does not tell another host what was meant for the first one.
  HttpResponse<InputStream> get(URI address, Map<String, String> headers)
      throws IOException, InterruptedException, BuildRefused {
    var at = address;
    var told = new TreeMap<>(headers);
    for (var hop = 0; hop <= MOST_HOPS; hop++) {
      var answer = ask(at, told);
      if (!ELSEWHERE.contains(answer.statusCode())) {
        return answer;
      }
      answer.body().close();
      var next = next(at, answer.headers().firstValue("Location").orElse(""));
      if (!"https".equals(next.getScheme()) || next.getHost() == null) {
        throw refused(address, "it leads to what is not https");
      }
      if (next.getRawUserInfo() != null) {
        throw refused(address, "it leads to an address with a name or password");
      }
      if (!next.getAuthority().equals(at.getAuthority())) {
        told.remove(AUTHORIZATION);
      }
      at = next;
    }
    throw refused(address, "it leads on and on");
  }

  private static URI next(URI at, String location) throws BuildRefused {
    try {
      return at.resolve(location);
    } catch (IllegalArgumentException _) {
      throw refused(at, "it leads to no address");
    }
  }

  private HttpResponse<InputStream> ask(URI at, Map<String, String> headers)
      throws InterruptedException, BuildRefused {
    try {
      var request = HttpRequest.newBuilder(at).timeout(ANSWER).header("User-Agent", "widemesh");
      headers.forEach(request::header);
      return http.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IllegalArgumentException _) {
      // It would repeat what it does not like, be it a header with a token.
      throw refused(at, "it cannot be asked for");
    } catch (IOException e) {
      throw broken(at, e);
    }
  }

  /// What to say when something broke that came through the gate.
  BuildRefused broken(URI address, Exception failure) {
    return gate.refusal().orElseGet(() -> refused(address, words(failure)));
  }

  private static String words(Exception failure) {
    var said = failure.getMessage();
    return said == null ? failure.getClass().getSimpleName() : ShownAddress.in(said);
  }

  /// An address that a server sent us on to may be signed with a secret.
  static BuildRefused refused(URI address, String why) {
    return BuildRefused.because(
        "%s cannot be fetched (%s)".formatted(ShownAddress.in(address.toString()), why),
        "correct it in mesh stack buildpacks, or push again later");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}

package dev.widemesh.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/// Calls the controller. Blocking; safe to share between threads.
public final class ApiClient {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(40);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final URI base;
  private final String token;
  private final Duration answer;

  public ApiClient(URI base, String token) {
    this(base, token, ANSWER);
  }

  /// An answer that takes longer than `answer` is given up.
  public ApiClient(URI base, String token, Duration answer) {
    this.base = base;
    this.token = token;
    this.answer = answer;
  }

  public URI base() {
    return base;
  }

  /// `path` comes from [Route#with], and may carry a query.
  public <T> T get(String path, Class<T> type) {
    return Json.read(text(send(request(path).GET())), type);
  }

  /// Empty when the answer is 204.
  public <T> Optional<T> poll(String path, Class<T> type) {
    return optional(send(request(path).GET()), type);
  }

  public <T> T send(String method, String path, Object body, Class<T> type) {
    return Json.read(text(send(request(path).method(method, json(body)))), type);
  }

  /// Empty when the answer is 204.
  public <T> Optional<T> ask(String method, String path, Object body, Class<T> type) {
    return optional(send(request(path).method(method, json(body))), type);
  }

  public void delete(String path) {
    text(send(request(path).DELETE()));
  }

  /// The lines of a stream, to be closed by the caller. No deadline: the stream beats.
  public InputStream stream(String path) {
    return checked(send(to(path).GET().build()));
  }

  /// Posts a body that is made while it is sent.
  public void post(String path, BodyPublisher body) {
    text(send(to(path).POST(body).build()));
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .header("Authorization", "Bearer " + token)
        .header("Content-Type", "application/json");
  }

  private HttpRequest.Builder request(String path) {
    return to(path).timeout(answer);
  }

  private static BodyPublisher json(Object body) {
    return BodyPublishers.ofString(Json.write(body));
  }

  private HttpResponse<InputStream> send(HttpRequest.Builder request) {
    return send(request.build());
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(e);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private ApiException unreachable(Exception e) {
    var why = e instanceof ConnectException ? "nothing listens there" : e.toString();
    var problem =
        new Problem(
            "unreachable",
            "cannot reach the controller at %s (%s)".formatted(base, why),
            "start it with ./widemesh up, or look at ./widemesh status");
    var failure = new ApiException(0, problem);
    failure.initCause(e);
    return failure;
  }

  private static InputStream checked(HttpResponse<InputStream> response) {
    if (response.statusCode() < 300) {
      return response.body();
    }
    throw new ApiException(response.statusCode(), problem(response));
  }

  private static Problem problem(HttpResponse<InputStream> response) {
    try (var body = response.body()) {
      return Json.read(new String(body.readNBytes(64_000), StandardCharsets.UTF_8), Problem.class);
    } catch (IOException | IllegalArgumentException _) {
      return new Problem("http-" + response.statusCode(), "HTTP " + response.statusCode(), null);
    }
  }

  private String text(HttpResponse<InputStream> response) {
    try (var body = checked(response)) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private <T> Optional<T> optional(HttpResponse<InputStream> response, Class<T> type) {
    var text = text(response);
    return text.isEmpty() ? Optional.empty() : Optional.of(Json.read(text, type));
  }
}

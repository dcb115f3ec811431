package dev.widemesh.api;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Asks the platform's own registry and believes nothing of it: what is asked for by a digest has
/// that digest, nothing is larger than it may be, and each answer, to its last byte, is here in
/// time. Plain HTTP on this machine, connections kept. Blocking; safe to share between threads.
public final class OwnRegistry implements SignatureManifest.Shelf {
  /// What the distribution specification lets a manifest have everywhere; ours takes none larger.
  public static final int LARGEST = 4 << 20;

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final String MANIFESTS =
      ArtifactManifest.MEDIA_TYPE + ",application/vnd.docker.distribution.manifest.v2+json";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final URI base;
  private final String authorization;
  private final Duration patience;

  /// An answer that is not whole after `patience` is given up.
  public OwnRegistry(String address, String user, String password, Duration patience) {
    this.base = URI.create("http://" + address + "/v2/");
    var secret = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(secret);
    this.patience = patience;
  }

  public String address() {
    return base.getAuthority();
  }

  /// By a tag, or by its digest.
  @Override
  public Optional<byte[]> manifest(String repository, String reference) throws IOException {
    var path = repository + "/manifests/";
    return reference.contains(":") // which no tag does
        ? get(path, NamedContent.of(reference, LARGEST))
        : get(path + reference, LARGEST);
  }

  @Override
  public Optional<byte[]> blob(String repository, String digest, int most) throws IOException {
    return get(repository + "/blobs/", NamedContent.of(digest, most));
  }

  /// Only a clear answer counts: a registry that is silent or refuses has given up nothing.
  public boolean lacks(String repository, String digest) throws IOException {
    return send(to(repository + "/manifests/" + digest).HEAD().build()).statusCode() == 404;
  }

  private Optional<byte[]> get(String path, NamedContent named) throws IOException {
    var found = get(path + named.digest(), named.most());
    return found.isEmpty() ? found : Optional.of(named.checked(found.get()));
  }

  private Optional<byte[]> get(String path, int most) throws IOException {
    var answer = send(to(path).build(), patience, most);
    return switch (answer.statusCode()) {
      case 200 -> Optional.of(answer.body());
      case 404 -> Optional.empty();
      case 401, 403 -> throw new IOException("unauthorized: " + path);
      default ->
          throw new IOException(
              "the registry at %s answered %d to %s"
                  .formatted(address(), answer.statusCode(), path));
    };
  }

  /// `path` is below `/v2/`, or where the registry sent us: never to another host, because the
  /// password goes there.
  public HttpRequest.Builder to(String path) throws WrongContent {
    return HttpRequest.newBuilder(place(path))
        .header("Accept", MANIFESTS)
        .header("Authorization", authorization);
  }

  private URI place(String path) throws WrongContent {
    try {
      var place = base.resolve(path);
      if ("http".equals(place.getScheme()) && address().equals(place.getAuthority())) {
        return place;
      }
    } catch (IllegalArgumentException _) {
      // refused below, as what leads elsewhere
    }
    throw new WrongContent("'%s' is no place in the registry at %s".formatted(path, address()));
  }

  public HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    return send(request, patience);
  }

  /// The whole answer, if it is here after `limit`; the request takes from that, too.
  public HttpResponse<byte[]> send(HttpRequest request, Duration limit) throws IOException {
    return send(request, limit, LARGEST);
  }

  private HttpResponse<byte[]> send(HttpRequest request, Duration limit, int most)
      throws IOException {
    var path = request.uri().getPath();
    // The client's own limit ends with an answer's head.
    var answer = http.sendAsync(request, _ -> new BoundedBody(most, path));
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException(
          "the registry at %s did not answer %s %s within %d s"
              .formatted(address(), request.method(), path, limit.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the registry at " + address(), e);
    } finally {
      answer.cancel(true);
    }
  }

  private IOException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case ConnectException e -> // which mostly says no more
          new IOException("connection refused by the registry at " + address(), e);
      case IOException e -> e;
      case null, default ->
          new IOException("the registry at %s cannot be asked".formatted(address()), cause);
    };
  }
}

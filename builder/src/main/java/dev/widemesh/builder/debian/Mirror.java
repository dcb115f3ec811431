package dev.widemesh.builder.debian;

import com.google.common.base.Throwables;
import dev.widemesh.builder.image.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/// Fetches files from a Debian mirror. What a hash names is kept in the cache and never fetched
/// again; what broke off goes on where it stopped.
final class Mirror {
  private static final int TRIES = 3;
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration TRANSFER = Duration.ofMinutes(5);

  private final HttpClient http;
  private final Proxies proxies;
  private final MirrorAddress address;
  private final Path cache;

  Mirror(BaseImagesConfig config) throws IOException {
    address = MirrorAddress.parse(config.mirror());
    proxies = new Proxies(config.proxies());
    var builder =
        HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .proxy(proxies);
    if (config.caBundle().isPresent()) {
      Trust.use(builder, config.caBundle().get());
    }
    http = builder.build();
    cache = config.cache().resolve("files");
    Files.createDirectories(cache);
  }

  MirrorAddress address() {
    return address;
  }

  /// A small file that changes. Empty where the mirror has none.
  Optional<byte[]> read(URI file, int limit) throws IOException {
    for (var left = TRIES; ; left--) {
      try {
        var answer = send(to(file).timeout(ANSWER).build());
        try (var body = answer.body()) {
          if (answer.statusCode() == 404) {
            return Optional.empty();
          }
          check(answer, 200);
          return Optional.of(body.readNBytes(limit));
        }
      } catch (IOException e) {
        retryOrThrow(e, left, file);
      }
    }
  }

  /// The file with this hash, from the cache or the mirror.
  Path fetch(URI file, String sha256, long size) throws IOException {
    var kept = cache.resolve(sha256);
    if (Files.exists(kept)) {
      return kept;
    }
    for (var left = TRIES; ; left--) {
      try {
        download(file, sha256, size, kept);
        return kept;
      } catch (IOException e) {
        retryOrThrow(e, left, file);
      }
    }
  }

  private void download(URI file, String sha256, long size, Path kept) throws IOException {
    var part = cache.resolve(sha256 + ".part");
    if (!Files.exists(part) || Files.size(part) < size) {
      append(file, size, part);
    }
    if (!Sha256.of(part).equals("sha256:" + sha256)) {
      Files.delete(part);
      throw new MirrorFailed(
          "%s is not the file that Debian signed: choose another mirror".formatted(file));
    }
    Files.move(part, kept, StandardCopyOption.ATOMIC_MOVE);
  }

  private void append(URI file, long size, Path part) throws IOException {
    var have = Files.exists(part) ? Files.size(part) : 0;
    var request = to(file).timeout(TRANSFER);
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    var answer = send(request.build());
    try (var body = answer.body();
        var channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      check(answer, 200, 206);
      channel.truncate(answer.statusCode() == 206 ? have : 0);
      channel.position(channel.size());
      copy(body, channel, size);
      channel.force(true);
    }
  }

  private static void copy(InputStream body, FileChannel channel, long size) throws IOException {
    var out = Channels.newOutputStream(channel);
    var buffer = new byte[1 << 16];
    for (var count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      if (channel.position() + count > size) {
        throw new IOException("the mirror sends more than the " + size + " bytes it announced");
      }
      out.write(buffer, 0, count);
    }
  }

  /// The proxy is told who asks, where there is one, and so is the mirror; not whom that sends us
  /// to.
  private HttpRequest.Builder to(URI file) {
    var request = HttpRequest.newBuilder(file);
    if (address.has(file)) {
      address.authorization().ifPresent(who -> request.header("Authorization", who));
    }
    proxies
        .outward(file)
        .flatMap(OutwardProxy::authorization)
        .ifPresent(who -> request.header("Proxy-Authorization", who));
    return request;
  }

  private void check(HttpResponse<?> answer, int... expected) throws MirrorFailed {
    for (var status : expected) {
      if (answer.statusCode() == status) {
        return;
      }
    }
    if (answer.statusCode() == 407) {
      throw wantsLogin(answer.uri());
    }
    if (answer.statusCode() == 401 && address.has(answer.uri())) {
      throw new MirrorFailed(
          "the Debian mirror %s wants %s name and password: correct WIDEMESH_DEBIAN_MIRROR=%s"
              .formatted(
                  address.host(),
                  address.authorization().isPresent() ? "another" : "a",
                  address.withLogin()));
    }
    throw new MirrorFailed(
        "%s answered %d: choose another Debian mirror"
            .formatted(answer.uri(), answer.statusCode()));
  }

  private MirrorFailed wantsLogin(URI file) {
    var proxy = proxies.outward(file).map(OutwardProxy::toString).orElse("there");
    return new MirrorFailed(
        "the proxy %s wants a name and password for %s: correct %s=http://name:password@%s"
            .formatted(proxy, file.getHost(), Proxies.variable(file), proxy));
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MirrorFailed("interrupted while fetching " + request.uri(), e);
    }
  }

  private void retryOrThrow(IOException e, int left, URI file) throws IOException {
    if (isTunnelRefused(e)) {
      throw wantsLogin(file);
    }
    if (e instanceof MirrorFailed || Thread.currentThread().isInterrupted()) {
      throw e;
    }
    if (left <= 1) {
      throw new MirrorFailed(
          "cannot reach the Debian mirror %s (%s): check the network, a proxy or CA bundle, or choose another mirror"
              .formatted(file.getHost(), reason(e)),
          e);
    }
  }

  /// The client has no other word for a proxy that lets nobody through without a login.
  private static boolean isTunnelRefused(IOException e) {
    return String.valueOf(e.getMessage()).contains("Tunnel failed, got: 407");
  }

  private static boolean isUnknownHost(IOException e) {
    return Throwables.getCausalChain(e).stream()
        .anyMatch(
            cause ->
                cause instanceof UnknownHostException
                    || cause instanceof UnresolvedAddressException);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case HttpConnectTimeoutException _ -> "no answer";
      case HttpTimeoutException _ -> "too slow";
      case ConnectException _ when isUnknownHost(e) -> "unknown host";
      case ConnectException _ -> "connection refused";
      default -> String.valueOf(e.getMessage());
    };
  }
}

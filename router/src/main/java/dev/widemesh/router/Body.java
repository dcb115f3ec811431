package dev.widemesh.router;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/// What the head says about a request's body.
sealed interface Body {
  /// `stated`: by a length of zero.
  record None(boolean stated) implements Body {}

  record Sized(long bytes) implements Body {}

  record Chunked() implements Body {}

  /// HTTP/2 without a length: only the next frame tells.
  record Unknown() implements Body {}

  static Body of(HttpServerRequest request) {
    var headers = request.headers();
    if (headers.contains("Transfer-Encoding")) {
      return new Chunked();
    }
    var length = headers.get("Content-Length");
    if (length != null) {
      return ofLength(length.strip());
    }
    return request.version() == HttpVersion.HTTP_2 ? new Unknown() : new None(false);
  }

  /// What is not a number was refused by the parser: anything may follow.
  private static Body ofLength(String length) {
    if (length.isEmpty() || length.length() > 18 || !length.chars().allMatch(Character::isDigit)) {
      return new Chunked();
    }
    var bytes = Long.parseLong(length);
    return bytes == 0 ? new None(true) : new Sized(bytes);
  }

  default boolean mayFollow() {
    return switch (this) {
      case None _ -> false;
      case Sized _, Chunked _, Unknown _ -> true;
    };
  }
}

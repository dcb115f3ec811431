package dev.widemesh.router;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;

/// A client over TLS that trusts every certificate.
final class SecureClient {
  private SecureClient() {}

  static HttpClientOptions options(HttpVersion version) {
    return new HttpClientOptions()
        .setProtocolVersion(version)
        .setUseAlpn(true)
        .setSsl(true)
        .setForceSni(true)
        .setTrustAll(true)
        .setVerifyHost(false);
  }

  /// The answer's body waits to be read.
  static Future<HttpClientResponse> ask(
      HttpClient client, Stage stage, HttpMethod method, String uri, Buffer body) {
    return client
        .request(
            new RequestOptions()
                .setMethod(method)
                .setServer(SocketAddress.inetSocketAddress(stage.router().httpsPort(), "127.0.0.1"))
                .setHost(Stage.HOST)
                .setPort(443)
                .setURI(uri))
        .compose(
            request -> {
              var response = request.response().onSuccess(HttpClientResponse::pause);
              return request.end(body).compose(_ -> response);
            });
  }
}

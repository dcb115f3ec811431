package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.bytes;
import static dev.widemesh.builder.registry.RegistryClient.code;
import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class UploadsTest {
  @TempDir private Path folder;
  private RunningRegistry running;
  private RegistryClient client;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.PUSHER);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  private void restart() {
    stop();
    start();
  }

  private List<String> files() throws IOException {
    return Store.names(folder.resolve("store/uploads"));
  }

  @Test
  void one_that_is_cancelled_is_gone_with_its_files() throws Exception {
    var location = client.begin("a");
    assertThat(files()).isNotEmpty();

    assertThat(client.call("DELETE", location).statusCode()).isEqualTo(204);
    assertThat(client.call("GET", location).statusCode()).isEqualTo(404);
    assertThat(files()).isEmpty();
  }

  @Test
  void one_of_which_nothing_arrived_says_so_as_one_of_a_byte_does() throws Exception {
    var location = client.begin("a");
    for (var sent : List.of("", "0")) {
      assertThat(header(client.call("PATCH", location, sent), "Range")).isEqualTo("0-0");
      assertThat(header(client.call("GET", location), "Range")).isEqualTo("0-0");
    }
  }

  @Test
  void one_that_cannot_begin_leaves_nothing() throws Exception {
    var uploads = folder.resolve("store/uploads");
    var id = UUID.randomUUID();
    var inTheWay = Files.createDirectory(uploads.resolve(id.toString()));

    assertThatThrownBy(() -> Upload.begin(uploads, id, "a", "sha256"))
        .isInstanceOf(IOException.class);

    Files.delete(inTheWay);
    assertThat(files()).isEmpty();
  }

  @Test
  void a_client_goes_on_after_its_connection_broke() throws Exception {
    for (var method : List.of("PATCH", "PUT")) {
      var location = client.begin("a");
      var query = method.equals("PUT") ? "?digest=" + digest("0123456789") : "";
      breakOff(method + " " + location + query, "01234");

      await(location, "0-4");
      var rest = Map.of("Content-Range", "5-9");
      var put = location + "?digest=" + digest("0123456789");
      assertThat(goOn(put, "56789", rest)).isEqualTo(201);
      assertThat(client.call("GET", "/v2/a/blobs/" + digest("0123456789")).body())
          .isEqualTo("0123456789");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void a_client_goes_on_after_a_restart_of_the_registry() throws Exception {
    var location = client.begin("a");
    client.call("PATCH", location, "01234");

    restart();

    assertThat(running.registry().strays()).isEmpty();
    assertThat(header(client.call("GET", location), "Range")).isEqualTo("0-4");
    assertThat(header(client.call("PATCH", location, "56789"), "Range")).isEqualTo("0-9");
    assertThat(client.call("PUT", location + "?digest=" + digest("0123456789")).statusCode())
        .isEqualTo(201);
    assertThat(client.call("GET", "/v2/a/blobs/" + digest("0123456789")).body())
        .isEqualTo("0123456789");
    assertThat(files()).isEmpty();
  }

  @Test
  void what_a_failed_write_left_behind_is_no_part_of_the_blob() throws Exception {
    for (var rest : List.of("", "56789")) {
      var location = client.begin("a");
      client.call("PATCH", location, "01234");
      var file = folder.resolve("store/uploads").resolve(location.replaceFirst(".*/", ""));
      Files.writeString(file, "half of a piece", StandardOpenOption.APPEND);

      var whole = digest("01234" + rest);
      assertThat(client.call("PUT", location + "?digest=" + whole, rest).statusCode())
          .isEqualTo(201);
      assertThat(client.call("GET", "/v2/a/blobs/" + whole).body()).isEqualTo("01234" + rest);
    }
  }

  @Test
  void one_that_nobody_went_on_with_for_an_hour_and_half_ones_go_with_a_restart() throws Exception {
    client.begin("a");
    var old = FileTime.from(Instant.now().minus(Duration.ofMinutes(61)));
    for (var file : files()) {
      Files.setLastModifiedTime(folder.resolve("store/uploads").resolve(file), old);
    }
    var half = client.begin("a").replaceFirst(".*/", "");
    Files.delete(folder.resolve("store/uploads").resolve(half + ".of"));

    restart();

    assertThat(files()).isEmpty();
  }

  @Test
  void two_requests_never_write_to_one_at_once() throws Exception {
    var location = client.begin("a");
    try (var first = open("PATCH " + location, "01234")) {
      await(location, "0-4");

      var second = client.call("PATCH", location, "other");
      assertThat(second.statusCode()).isEqualTo(416);
      assertThat(code(second)).isEqualTo("BLOB_UPLOAD_INVALID");
      assertThat(header(second, "Range")).isEqualTo("0-4");

      first.getOutputStream().write(bytes("56789"));
      assertThat(
              new String(
                  first.getInputStream().readNBytes(12), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("HTTP/1.1 202");
    }
    assertThat(client.call("PUT", location + "?digest=" + digest("0123456789")).statusCode())
        .isEqualTo(201);
  }

  /// Sends the first half of ten bytes.
  private Socket open(String call, String half) throws IOException {
    var host = client.address().replaceFirst(":.*", "");
    var port = Integer.parseInt(client.address().replaceFirst(".*:", ""));
    var socket = new Socket(host, port);
    socket.setSoTimeout(20_000);
    var head =
        "%s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Length: 10\r\n\r\n%s"
            .formatted(call, client.address(), client.authorization(), half);
    socket.getOutputStream().write(bytes(head));
    return socket;
  }

  private void breakOff(String call, String half) throws Exception {
    try (var socket = open(call, half)) {
      await(call.replaceFirst("^\\w+ ([^?]*).*", "$1"), "0-4");
      socket.setSoLinger(true, 0);
    }
  }

  /// What came of it, once the registry knows that the request before is over.
  private int goOn(String put, String rest, Map<String, String> headers) throws Exception {
    var deadline = Instant.now().plusSeconds(20);
    var status = client.call("PUT", put, rest, headers).statusCode();
    while (status == 416 && Instant.now().isBefore(deadline)) {
      Thread.sleep(10);
      status = client.call("PUT", put, rest, headers).statusCode();
    }
    return status;
  }

  /// Until so much arrived.
  private void await(String location, String range) throws Exception {
    var deadline = Instant.now().plusSeconds(20);
    while (!header(client.call("GET", location), "Range").equals(range)) {
      assertThat(Instant.now()).as("waiting for " + range).isBefore(deadline);
      Thread.onSpinWait();
    }
  }
}

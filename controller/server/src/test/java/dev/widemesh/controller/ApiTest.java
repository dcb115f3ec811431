package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Role;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who may do what, and what everybody is told otherwise.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ApiTest {
  private static final String STRANGER = Platform.token("stranger");
  private static final String VIEWER = Platform.token("viewer");
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static final Platform PLATFORM = Platform.start();

  @BeforeAll
  static void people() throws SQLException {
    PLATFORM.stack("shop");
    account("stranger", STRANGER);
    account("viewer", VIEWER);
    PLATFORM.sql(
        "INSERT INTO membership SELECT a.id, e.id, 'viewer' FROM account a, environment e WHERE a.name = 'viewer'");
  }

  @AfterAll
  static void end() {
    PLATFORM.close();
  }

  private static void account(String name, String token) throws SQLException {
    PLATFORM.sql("INSERT INTO account (id, name) VALUES (gen_random_uuid(), '" + name + "')");
    PLATFORM.sql(
        "INSERT INTO token (id, hash, kind, account) SELECT '%s', sha256('%s'::bytea), 'account', id FROM account WHERE name = '%s'"
            .formatted(token.substring(3, 15), token, name));
  }

  private static HttpResponse<String> call(String method, String path, String token, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(PLATFORM.base() + path))
            .timeout(Duration.ofSeconds(10))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static String path(Route route) {
    var parts = new ArrayList<String>();
    for (var part : route.path().split("/", -1)) {
      parts.add(
          switch (part) {
            case ":env", ":stack" -> "shop";
            case ":version" -> "v7";
            case ":id", ":question" -> "0b7c3a86-6f3a-4c6c-9b8c-0d4f3f0a1b2c";
            default -> part.startsWith(":") ? "none" : part;
          });
    }
    return String.join("/", parts);
  }

  private static List<Integer> expected(Role role, String token) {
    return switch (role) {
      case ANYONE -> List.of(200);
      case ACCOUNT, VIEWER, DEPLOYER, OWNER, ADMIN, GATEWAY, BUILDER, RACK ->
          token.isEmpty() ? List.of(401) : List.of(401, 403, 404);
    };
  }

  @ParameterizedTest
  @EnumSource(Route.class)
  @Tag("USR-1")
  void nobody_gets_in_without_a_token(Route route) throws Exception {
    var answer = call(route.method(), path(route), "", "");
    assertThat(answer.statusCode()).isIn(expected(route.role(), ""));
  }

  @ParameterizedTest
  @EnumSource(Route.class)
  @Tag("USR-1")
  void a_stranger_does_not_even_see_the_environment(Route route) throws Exception {
    if (route.role() == Role.ANYONE || route.role() == Role.ACCOUNT) {
      return;
    }
    var answer = call(route.method(), path(route), STRANGER, "{}");
    var inside = Stream.of(Role.VIEWER, Role.DEPLOYER, Role.OWNER).anyMatch(route.role()::equals);
    assertThat(answer.statusCode()).isEqualTo(inside ? 404 : 403);
    assertThat(Json.read(answer.body(), Problem.class).message()).doesNotContain("did you mean");
  }

  @ParameterizedTest
  @EnumSource(Route.class)
  @Tag("USR-1")
  void a_viewer_changes_nothing(Route route) throws Exception {
    if (route.role() != Role.DEPLOYER && route.role() != Role.OWNER) {
      return;
    }
    assertThat(call(route.method(), path(route), VIEWER, "{}").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource(Route.class)
  void the_credentials_of_our_own_parts_open_only_their_routes(Route route) throws Exception {
    var tokens =
        Map.of(
            Role.GATEWAY,
            Platform.GATEWAY,
            Role.BUILDER,
            Platform.BUILDER,
            Role.RACK,
            Platform.RACK,
            Role.ACCOUNT,
            Platform.ADMIN);
    for (var token : tokens.entrySet()) {
      var people = route.path().startsWith("/v1/") && token.getKey() == Role.ACCOUNT;
      if (route.role() == Role.ANYONE || route.role() == token.getKey() || people) {
        continue;
      }
      assertThat(call(route.method(), path(route), token.getValue(), "{}").statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void a_wrong_token_is_no_token() throws Exception {
    var wrong = Platform.ADMIN.substring(0, Platform.ADMIN.length() - 1) + "x";
    assertThat(call("GET", "/v1/whoami", wrong, "").statusCode()).isEqualTo(401);
    assertThat(call("GET", "/v1/whoami", "nonsense", "").statusCode()).isEqualTo(401);
  }

  @Test
  void what_is_not_a_route_is_a_problem_in_json() throws Exception {
    var answer = call("GET", "/v1/nothing", Platform.ADMIN, "");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(Json.read(answer.body(), Problem.class).code()).isEqualTo("no-such-route");
  }

  @Test
  void unknown_fields_are_refused_by_name() throws Exception {
    var answer = call("POST", "/v1/environments", Platform.ADMIN, "{\"nmae\": \"x\"}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("no field 'nmae'");
  }

  @Test
  void a_body_over_a_megabyte_is_refused() throws Exception {
    var answer = call("POST", "/v1/environments", Platform.ADMIN, "x".repeat(1_000_001));
    assertThat(answer.statusCode()).isEqualTo(413);
  }

  @Test
  void long_heads_are_refused() throws Exception {
    assertThat(call("GET", "/v1/" + "a".repeat(9_000), "", "").statusCode()).isEqualTo(414);
    assertThat(call("GET", "/v1/whoami", "b".repeat(20_000), "").statusCode()).isEqualTo(431);
  }

  @Test
  void what_is_sent_without_a_token_is_not_read() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), PLATFORM.base().getPort())) {
      socket.setSoTimeout(5_000);
      var head = "POST /v1/environments HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      var answer = new byte[12];
      assertThat(socket.getInputStream().readNBytes(answer, 0, 12)).isEqualTo(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 401");
    }
  }

  @Test
  @Tag("ENV-2")
  void a_name_in_use_is_refused_and_a_bad_one_with_the_rule() throws Exception {
    assertThat(
            call("POST", "/v1/environments", Platform.ADMIN, "{\"name\": \"shop\"}").statusCode())
        .isEqualTo(409);
    assertThat(call("POST", "/v1/environments", Platform.ADMIN, "{\"name\": \"-x\"}").body())
        .contains("1 to 30 characters");
  }

  @Test
  @Tag("CLI-1")
  void the_nearest_name_is_suggested() throws Exception {
    assertThat(call("GET", "/v1/environments/shpo/stacks", Platform.ADMIN, "").body())
        .contains("did you mean 'shop'?");
    assertThat(call("GET", "/v1/environments/shop/stacks/shpo", Platform.ADMIN, "").body())
        .contains("did you mean 'shop'?");
  }

  @Test
  @Tag("STK-4")
  void secrets_are_write_only_and_nothing_is_in_clear_in_the_database() throws Exception {
    var set = "{\"set\": {\"API_KEY\": \"hunter2hunter2\"}, \"secret\": true}";
    assertThat(
            call("PATCH", "/v1/environments/shop/stacks/shop/config", Platform.ADMIN, set)
                .statusCode())
        .isEqualTo(200);
    assertThat(call("GET", "/v1/environments/shop/stacks/shop/config", Platform.ADMIN, "").body())
        .contains("\"API_KEY\",\"value\":null,\"secret\":true");
    try (var connection = DriverManager.getConnection(PLATFORM.jdbc());
        var query = connection.createStatement();
        var rows =
            query.executeQuery("SELECT position('hunter2'::bytea IN sealed) FROM configuration")) {
      while (rows.next()) {
        assertThat(rows.getInt(1)).isZero();
      }
    }
  }

  @Test
  void a_key_can_be_added_listed_and_removed() throws Exception {
    var keys = PLATFORM.admin().get(Route.LIST_KEYS.path(), Views.SshKey[].class);
    assertThat(keys).hasSize(1);
    var other = call("POST", "/v1/keys", STRANGER, Json.write(new Views.AddKey("x", Platform.KEY)));
    assertThat(other.statusCode()).isEqualTo(409);
    PLATFORM.admin().delete(Route.DELETE_KEY.with(keys[0].fingerprint()));
    assertThat(PLATFORM.admin().get(Route.LIST_KEYS.path(), Views.SshKey[].class)).isEmpty();
    PLATFORM.stackId("shop");
  }

  @Test
  @Tag("API-1")
  void the_description_has_every_route_and_no_other() throws Exception {
    JsonNode paths = Json.MAPPER.readTree(call("GET", "/openapi.json", "", "").body()).get("paths");
    var described = 0;
    for (var route : Route.values()) {
      assertThat(paths.path(OpenApi.template(route)).has(route.method().toLowerCase(Locale.ROOT)))
          .isTrue();
    }
    for (var path : paths) {
      described += path.size();
    }
    assertThat(described).isEqualTo(Route.values().length);
  }

  @Test
  void a_silent_database_is_said_within_five_seconds() throws Exception {
    // A lock that nobody gives back, as a hung server is.
    try (var connection = DriverManager.getConnection(PLATFORM.jdbc())) {
      connection.setAutoCommit(false);
      try (var lock = connection.createStatement()) {
        lock.execute("LOCK TABLE token IN ACCESS EXCLUSIVE MODE");
        var begin = System.nanoTime();
        var answer = call("GET", "/v1/whoami", Platform.ADMIN, "");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("database-silent");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      }
      connection.rollback();
    }
  }
}

package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.EnvironmentDefinition.Endpoint;
import dev.widemesh.api.rack.EnvironmentDefinition.PathRoute;
import dev.widemesh.api.rack.RouteTable.Service;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RoutingTest {
  @TempDir Path folder = Path.of("");
  private Stage stage;
  private final Backend web = echo("web");
  private final Backend blog = echo("blog");

  @BeforeEach
  void start() throws IOException {
    stage = new Stage(folder);
  }

  @AfterEach
  void stop() {
    stage.close();
    web.close();
    blog.close();
  }

  private static Backend echo(String name) {
    return Backend.start(
        request -> {
          var prefix = request.getHeader("X-Forwarded-Prefix");
          var text = name + " " + request.uri() + " " + (prefix == null ? "-" : prefix);
          request.response().end(text);
        });
  }

  private String get(String host, String path) throws IOException {
    return Raw.exchange(
        stage.port(),
        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(path, host));
  }

  private void serveBoth() throws InterruptedException {
    var routes =
        List.of(new PathRoute("/", false, "shop-web"), new PathRoute("/blog", true, "shop-blog"));
    var table =
        stage.table(
            List.of(
                new Service("shop-web", List.of(Stage.current("w-1", web.port()))),
                new Service("shop-blog", List.of(Stage.current("b-1", blog.port())))),
            List.of(
                new Endpoint(Stage.HOST, routes),
                new Endpoint("empty.widemesh.localhost", List.of())));
    stage.serve(table, "w-1", "b-1");
  }

  @Test
  @Tag("END-4")
  void the_longest_prefix_on_whole_segments_wins() throws Exception {
    serveBoth();

    assertThat(get(Stage.HOST, "/")).contains("web / -");
    assertThat(get(Stage.HOST, "/blog/post?x=1")).contains("blog /post?x=1 /blog");
    assertThat(get(Stage.HOST, "/blog")).contains("blog / /blog");
    assertThat(get(Stage.HOST, "/blogger")).contains("web /blogger -");
  }

  @Test
  void the_host_counts_without_port_case_and_trailing_dot() throws Exception {
    serveBoth();

    assertThat(get("SHOP.Widemesh.localhost.:7080", "/")).contains("web /");
  }

  @Test
  @Tag("RTR-4")
  void an_unknown_host_and_an_empty_endpoint_are_told_apart() throws Exception {
    serveBoth();

    assertThat(get("nobody.localhost", "/")).contains(" 404 ").contains("X-Widemesh-Error: W01");
    assertThat(get("empty.widemesh.localhost", "/"))
        .contains(" 404 ")
        .contains("X-Widemesh-Error: W02");
  }

  @Test
  @Tag("RTR-4")
  void a_refusal_is_a_page_json_or_a_line_as_asked() throws Exception {
    var request = "GET / HTTP/1.1\r\nHost: no\r\nAccept: %s\r\nConnection: close\r\n\r\n";

    assertThat(Raw.exchange(stage.port(), request.formatted("text/html"))).contains("<h1>");
    assertThat(Raw.exchange(stage.port(), request.formatted("application/json")))
        .contains("\"code\":\"W01\"");
    assertThat(Raw.exchange(stage.port(), request.formatted("*/*"))).contains("W01 No such");
  }
}

package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Views;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CommandsTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  @Test
  void an_environment_is_made_and_the_next_step_named() {
    controller.answers(
        "POST /v1/environments",
        new Views.Environment("shop", "main", "shop.localhost", null, 0, THEN));

    var made = shell.mesh("env", "create", "shop");

    assertThat(made.code()).isEqualTo(ExitCode.OK);
    assertThat(made.out()).isEqualTo("Made environment shop on rack main.\n");
    assertThat(made.err()).contains("mesh stack create NAME -e shop");
    assertThat(controller.last().authorization()).isEqualTo("Bearer secret-token");
    assertThat(controller.last().body()).isEqualTo("{\"name\":\"shop\",\"rack\":null}");
  }

  @Test
  void a_name_that_breaks_the_rule_is_refused_before_anything_is_asked() {
    var refused = shell.mesh("env", "create", "My_Shop");

    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("'My_Shop' is not a name for an environment");
    assertThat(controller.requests).isEmpty();
  }

  @Test
  void a_list_is_a_table_or_json() {
    controller.answers(
        "GET /v1/environments",
        List.of(new Views.Environment("shop", "main", "shop.localhost", "http://s/", 2, THEN)));

    assertThat(shell.mesh("env", "ls").out()).contains("NAME", "shop", "http://s/");
    var json = Json.read(shell.mesh("env", "ls", "--json").out(), Views.Environment[].class);
    assertThat(json).extracting(Views.Environment::stacks).containsExactly(2);
  }

  @Test
  void deleting_needs_yes_where_nobody_can_be_asked() {
    controller.answers("DELETE /v1/environments/shop", 204, "");

    var refused = shell.mesh("env", "delete", "shop");
    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
    assertThat(refused.err()).contains("add --yes");
    assertThat(controller.requests).isEmpty();

    assertThat(shell.mesh("env", "delete", "shop", "--yes").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.last().method()).isEqualTo("DELETE");
  }

  @Test
  void on_a_terminal_deleting_asks_for_the_name() {
    controller.answers("DELETE /v1/environments/shop", 204, "");
    shell.talks = true;

    shell.typed = "shoq\n";
    assertThat(shell.mesh("env", "delete", "shop").code()).isEqualTo(ExitCode.USAGE);
    assertThat(controller.requests).isEmpty();

    shell.typed = "shop\n";
    assertThat(shell.mesh("env", "delete", "shop").code()).isEqualTo(ExitCode.OK);
  }

  @Test
  @Tag("STK-2")
  void values_come_from_the_command_line_from_files_and_from_standard_input() throws Exception {
    controller.answers("PATCH " + Samples.STACK + "/config", new Views.ConfigChanged(4, 3, null));
    Files.writeString(shell.directory.resolve("cert.pem"), "one\ntwo\n");
    shell.typed = "hush\n";

    var set =
        shell.mesh(
            "config", "set", "URL=a=b", "--file", "CERT=./cert.pem", "--stdin", "PW=-", "--secret");

    assertThat(set.code()).isEqualTo(ExitCode.OK);
    assertThat(set.out()).isEqualTo("Changed 3 values (configuration 4).\n");
    var sent = Json.read(controller.last().body(), Views.ChangeConfig.class);
    assertThat(sent.set())
        .containsEntry("URL", "a=b")
        .containsEntry("CERT", "one\ntwo\n")
        .containsEntry("PW", "hush");
    assertThat(sent.secret()).isTrue();
    assertThat(sent.restart()).isTrue();
  }

  @Test
  @Tag("STK-2")
  void a_value_is_taken_as_it_is_typed() {
    controller.answers("PATCH " + Samples.STACK + "/config", new Views.ConfigChanged(4, 2, null));

    shell.mesh("config", "set", "A=@b ${c} \"d\"", "E=");

    assertThat(Json.read(controller.last().body(), Views.ChangeConfig.class).set())
        .containsEntry("A", "@b ${c} \"d\"")
        .containsEntry("E", "");
    assertThat(shell.mesh("config", "set", "@nowhere").err()).contains("'@nowhere' has no '='");
    assertThat(shell.mesh("config", "set", "1A=x").err()).contains("'1A' is not the name");
  }

  @Test
  @Tag("STK-2")
  void what_builds_are_told_is_said_to_come_with_the_next_one() {
    controller.answers("PATCH " + Samples.STACK + "/config", new Views.ConfigChanged(4, 2, null));

    assertThat(shell.mesh("config", "set", "VITE_API=/api", "BP_X=1", "A=1").err())
        .contains("Builds with buildpacks are told BP_X, VITE_API: the next push or mesh deploy");
    assertThat(shell.mesh("config", "unset", "VITE_API").err()).contains("are told VITE_API:");
    assertThat(shell.mesh("config", "set", "VITE_API=/api", "--secret").err())
        .contains("are told no secrets: set VITE_API without --secret for them");
    assertThat(shell.mesh("config", "set", "A=1").err()).doesNotContain("Builds");
  }

  @Test
  @Tag("STK-2")
  void no_restart_only_stores_and_unset_removes() {
    controller.answers("PATCH " + Samples.STACK + "/config", new Views.ConfigChanged(5, 1, null));

    assertThat(shell.mesh("stack", "config", "unset", "URL", "--no-restart").err())
        .contains("Stored");
    var sent = Json.read(controller.last().body(), Views.ChangeConfig.class);
    assertThat(sent.unset()).containsExactly("URL");
    assertThat(sent.restart()).isFalse();
  }

  @Test
  @Tag("STK-2")
  void one_value_is_printed_bare_and_a_secret_one_never() {
    controller.answers(
        "GET " + Samples.STACK + "/config",
        new Views.Config(
            3,
            List.of(
                new Views.ConfigEntry("URL", "http://x", false),
                new Views.ConfigEntry("PW", null, true))));

    assertThat(shell.mesh("config", "get", "URL").out()).isEqualTo("http://x\n");
    assertThat(shell.mesh("config", "get", "PW").code()).isEqualTo(ExitCode.REFUSED);
    assertThat(shell.mesh("config", "ls").out()).contains("(secret)");
    var missing = shell.mesh("config", "get", "ULR");
    assertThat(missing.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(missing.err()).contains("try: mesh config get URL");
  }

  @Test
  @Tag("STK-2")
  void a_dotenv_file_is_imported() throws Exception {
    controller.answers("PATCH " + Samples.STACK + "/config", new Views.ConfigChanged(4, 2, null));
    Files.writeString(shell.directory.resolve(".env"), "# mine\nexport A=1\nB=\"x y\"\n");

    assertThat(shell.mesh("config", "import").code()).isEqualTo(ExitCode.OK);
    assertThat(Json.read(controller.last().body(), Views.ChangeConfig.class).set())
        .hasSize(2)
        .containsEntry("A", "1")
        .containsEntry("B", "x y");
  }

  @Test
  @Tag("SVC-1")
  void a_service_is_named_by_position_or_by_option_and_svc_has_three_spellings() {
    var scaled = new Views.ServiceUpdated(Samples.service("api-1", List.of()), null);
    controller.answers("PATCH " + Samples.STACK + "/services/api-1", scaled);

    for (var word : List.of("svc", "service", "services")) {
      for (var option : List.of("-n", "--name", "--n")) {
        assertThat(shell.mesh(word, "update", option, "api-1", "--instances", "5").code())
            .isEqualTo(ExitCode.OK);
      }
      assertThat(shell.mesh(word, "update", "api-1", "--instances", "5").code())
          .isEqualTo(ExitCode.OK);
    }
    assertThat(Json.read(controller.last().body(), Views.UpdateService.class).instances())
        .isEqualTo(5);
  }

  @Test
  @Tag("SVC-1")
  void a_program_stands_after_two_dashes_with_its_own_options() {
    var updated = new Views.ServiceUpdated(Samples.service("worker", List.of()), null);
    controller.answers("PATCH " + Samples.STACK + "/services/worker", updated);

    var run = shell.mesh("svc", "update", "worker", "--memory", "512m", "--", "app", "--help");

    assertThat(run.code()).isEqualTo(ExitCode.OK);
    var sent = Json.read(controller.last().body(), Views.UpdateService.class);
    assertThat(sent.argv()).containsExactly("app", "--help");
    assertThat(sent.memoryBytes()).isEqualTo(512_000_000);
    assertThat(sent.instances()).isNull();
  }

  @Test
  @Tag("SVC-6")
  void times_are_sent_in_seconds_and_never_too_long_for_the_wire() {
    var updated = new Views.ServiceUpdated(Samples.service("worker", List.of()), null);
    controller.answers("PATCH " + Samples.STACK + "/services/worker", updated);

    shell.mesh("svc", "update", "worker", "--ready-after", "10s", "--grace", "2m");
    var sent = Json.read(controller.last().body(), Views.UpdateService.class);
    assertThat(sent.readyAfterSeconds()).isEqualTo(10);
    assertThat(sent.graceSeconds()).isEqualTo(120);

    shell.mesh("svc", "update", "worker", "--ready-after", "999999h");
    assertThat(Json.read(controller.last().body(), Views.UpdateService.class).readyAfterSeconds())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(shell.mesh("svc", "update", "worker", "--ready-after", "soon").err())
        .contains("--ready-after", "'soon' is not a duration like 1h, 15m or 30s");
    assertThat(shell.mesh("completion", "bash").out()).contains("--ready-after");
  }

  @Test
  void an_update_that_changes_nothing_is_a_mistake() {
    assertThat(shell.mesh("svc", "update", "web").code()).isEqualTo(ExitCode.USAGE);
    assertThat(shell.mesh("svc", "update", "--instances", "2").err()).contains("which service?");
    assertThat(shell.mesh("svc", "update", "web", "--memory", "512").err())
        .contains("not an amount of memory like 512m or 1g");
  }

  @Test
  @Tag("SVC-4")
  void services_are_listed_with_their_instances_messages_and_states() {
    controller.answers(
        "GET /v1/environments/shop/services",
        List.of(
            Samples.service("web", List.of(Samples.instance("web.1", "crashed", "exit 137"))),
            Samples.service("worker", List.of())));

    assertThat(shell.mesh("svc", "ls").out())
        .containsPattern(
            "STACK +SERVICE +TYPE +DEPLOYED +STATUS +RESTARTS +EXIT +RACK +AGE +CPU +MEMORY +MESSAGE")
        .containsPattern(
            "web +web.1 +web +v3 +crashed +2 +137 +main +\\d+d\\d+h +0.25 +100m/512m +exit 137")
        .contains("scaled to 0");
    assertThat(shell.mesh("svc", "ls", "-s", "other").err()).contains("No services yet");
  }

  @Test
  void open_prints_the_url_alone() {
    controller.answers("GET " + Samples.STACK, Samples.stack("ssh://git@h:1/shop/web.git"));

    assertThat(shell.mesh("open").out()).isEqualTo("http://shop/\n");
  }

  @Test
  void status_and_whoami_say_what_the_controller_says() {
    controller.answers(
        "GET /v1/status",
        new Views.Status(
            "0.1.0",
            true,
            List.of(new Views.Rack("main", true, false, List.of("node1"), List.of("r1"))),
            null));
    controller.answers("GET /v1/whoami", new Views.Account("ada", true));

    assertThat(shell.mesh("status").out()).contains("0.1.0", "none is connected", "main", "node1");
    assertThat(shell.mesh("whoami").out()).isEqualTo("ada (administrator)\n");
    assertThat(shell.mesh("whoami", "--json").out()).contains("\"name\" : \"ada\"");
  }

  @Test
  void signing_in_stores_the_login_for_its_owner_only() throws Exception {
    controller.answers("GET /v1/whoami", new Views.Account("ada", true));
    shell.variables.remove("MESH_API");
    shell.variables.remove("MESH_TOKEN");
    shell.typed = "typed-token\n";

    assertThat(shell.mesh("login", "--api", controller.url()).code()).isEqualTo(ExitCode.OK);
    var file = shell.home.resolve(".config/widemesh/login.json");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(shell.mesh("whoami").code()).isEqualTo(ExitCode.OK);
    assertThat(controller.last().authorization()).isEqualTo("Bearer typed-token");
  }

  @Test
  void a_login_that_the_controller_refuses_is_not_stored() {
    controller.refuses("GET /v1/whoami", 401, new Problem("unauthorized", "no such token", null));

    assertThat(shell.mesh("login", "--api", controller.url(), "--token", "x").code())
        .isEqualTo(ExitCode.SIGNED_OUT);
    assertThat(shell.home.resolve(".config/widemesh/login.json")).doesNotExist();
  }
}

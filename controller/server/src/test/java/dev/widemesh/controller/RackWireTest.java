package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A rack of another release.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RackWireTest {
  private static final Platform PLATFORM = Platform.start();

  @AfterAll
  static void end() {
    PLATFORM.close();
  }

  @Test
  void what_a_newer_rack_reports_beside_is_left_out() {
    var environment =
        new RackReport.EnvironmentReport("abcdefgh", 1, 1, false, List.of(), List.of());
    var report = new RackReport("home", "n1", true, List.of("newer-router"), List.of(environment));
    var newer = Json.MAPPER.valueToTree(report);
    addNovelty(newer);
    assertThat(newer.toString()).containsPattern("novelty.*novelty");

    PLATFORM.client(Platform.RACK).ask("POST", Route.RACK_REPORT.path(), newer, Object.class);

    var status = PLATFORM.admin().get(Route.STATUS.path(), Views.Status.class);
    assertThat(status.racks().getFirst().routers()).containsExactly("newer-router");
  }

  /// To every object in it.
  private static void addNovelty(JsonNode node) {
    node.forEach(RackWireTest::addNovelty);
    if (node instanceof ObjectNode object) {
      object.put("novelty", "1");
    }
  }

  @Test
  void a_rack_with_which_it_cannot_talk_is_told_so_in_one_line() {
    var other = RackMessage.PROTOCOL + 1;
    var stream = Route.RACK_STREAM.path() + "?node=n1&after=0&protocol=" + other;

    assertThatThrownBy(() -> PLATFORM.client(Platform.RACK).stream(stream))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(409);
              assertThat(refused.problem().code()).isEqualTo("other-protocol");
              assertThat(refused.problem().message())
                  .isEqualTo(
                      "rack home speaks protocol %d, this controller %d"
                          .formatted(other, RackMessage.PROTOCOL));
              assertThat(refused.problem().nextStep()).contains("./widemesh restart");
            });
  }
}

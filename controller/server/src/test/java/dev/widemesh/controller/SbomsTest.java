package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.BuildWire.Bill;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import dev.widemesh.api.SurveyLoop;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What software is in an image, asked over the wire that the builder has.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
@Timeout(90)
class SbomsTest {
  private static final String ONE = "1".repeat(40);
  private static final String TWO = "2".repeat(40);
  private static final String IMAGE = "shop@sha256:1111";

  private final Platform platform = Platform.start();
  private final PlayedRack rack = new PlayedRack(platform);
  private final String stack = platform.stack("shop");
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicReference<Bill> bill =
      new AtomicReference<>(new Bill("{\"bomFormat\":\"CycloneDX\"}", null));

  /// While it is closed the builder answers nobody.
  private final Semaphore gate = new Semaphore(1);

  private final SurveyLoop answers =
      SurveyLoop.start(
          platform.client(Platform.BUILDER),
          Route.SBOM_QUESTIONS,
          Route.SBOM_ANSWER,
          1,
          question -> {
            asked.addAll(question.images());
            hold();
            return bill.get();
          });

  @BeforeEach
  void deploy() throws InterruptedException {
    rack.await("shop", definition -> true);
    try (var _ = new PlayedBuilder(platform, _ -> Platform.built(IMAGE, Map.of("web", "run")))) {
      assertThat(platform.follow(platform.push(stack, ONE).id()).outcome().state())
          .isEqualTo("live");
    }
  }

  @AfterEach
  void stop() throws Exception {
    answers.close();
    rack.close();
    platform.close();
  }

  private void hold() {
    try {
      assertThat(gate.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
      gate.release();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private JsonNode get(int version) {
    var path = Route.GET_SBOM.with("shop", "shop", "v" + version);
    return platform.admin().get(path, JsonNode.class);
  }

  private void refused(int version, String code, String words) {
    assertThatThrownBy(() -> get(version))
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> {
              assertThat(refused.problem().code()).isEqualTo(code);
              assertThat(refused.problem().message()).contains(words);
            });
  }

  @Test
  void the_builder_is_asked_about_the_image_of_that_deployment() {
    assertThat(get(0).path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(asked).containsExactly(IMAGE);
  }

  @Test
  void what_has_no_image_says_so_and_asks_nobody() {
    platform.push(stack, TWO);
    refused(1, "no-image-yet", "v1 has no image yet: it is queued");
    refused(7, "no-such-deployment", "no deployment v7");
    assertThat(asked).isEmpty();
  }

  @Test
  void whoever_finds_too_many_waiting_is_told_to_come_again() throws Exception {
    gate.acquire();
    try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Future<String>>();
      for (var i = 0; i < BuildWire.TRIALS + 3; i++) {
        all.add(askers.submit(this::code));
      }
      for (var end = Instant.now().plusSeconds(20); all.stream().noneMatch(Future::isDone); ) {
        assertThat(Instant.now()).isBefore(end);
        Thread.sleep(20);
      }
      gate.release();
      var codes = new ArrayList<String>();
      for (var one : all) {
        codes.add(one.get(30, TimeUnit.SECONDS));
      }
      assertThat(codes).contains("", "sbom-under-way").doesNotContain("builder-silent");
    }
  }

  /// Of the refusal, if it is one.
  private String code() {
    try {
      return get(0).path("code").asText("");
    } catch (ApiException e) {
      return e.problem().code();
    }
  }

  @Test
  void what_the_builder_cannot_say_is_told_with_what_to_do() {
    bill.set(new Bill(null, new Problem("image-collected", "gone", null)));
    refused(0, "image-collected", "the image of v0 is gone");
    bill.set(new Bill(null, new Problem("sbom-under-way", "it is being read", "ask again")));
    refused(0, "sbom-under-way", "it is being read");
  }
}

package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Route;
import dev.widemesh.api.Survey;
import dev.widemesh.api.SurveyLoop;
import dev.widemesh.api.Views;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Logins to registries, over the wire that the builder has; a registry hangs until it may go on.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-5")
@Timeout(90)
class LoginTrialsTest {
  private static final String GOOD = "good.example.com";
  private static final String HANGING = "hanging.example.com";
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Semaphore hanging = new Semaphore(0);
  private final HttpClient http = HttpClient.newHttpClient();
  private final Platform platform = Platform.start();
  private final SurveyLoop builder =
      SurveyLoop.start(
          platform.client(Platform.BUILDER),
          Route.LOGIN_QUESTIONS,
          Route.LOGIN_TRIAL,
          BuildWire.TRIALS,
          this::attempt);

  private BuildWire.Trial attempt(Survey.Question question) {
    try {
      if (question.logins().getFirst().host().equals(HANGING)) {
        hanging.release();
        goOn.await();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return new BuildWire.Trial(null);
  }

  @BeforeEach
  void environments() {
    for (var i = 0; i <= BuildWire.TRIALS; i++) {
      platform
          .admin()
          .send(
              "POST",
              Route.CREATE_ENVIRONMENT.path(),
              new Views.CreateEnvironment("env" + i, null),
              Views.Environment.class);
    }
  }

  @AfterEach
  void stop() {
    builder.close();
    http.close();
    platform.close();
  }

  private CompletableFuture<HttpResponse<String>> logIn(int environment, String host) {
    var path = Route.LOG_IN_TO_REGISTRY.with("env" + environment, host);
    var body = Json.write(new Views.LogInToRegistry("ada", "secret"));
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create(platform.base() + path))
            .header("Authorization", "Bearer " + Platform.ADMIN)
            .timeout(Duration.ofSeconds(40))
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static void isTaken(CompletableFuture<HttpResponse<String>> login) throws Exception {
    assertThat(login.get(15, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  private void awaitHanging(int trials) throws InterruptedException {
    assertThat(hanging.tryAcquire(trials, 15, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void a_registry_that_hangs_keeps_nobody_but_its_own_environment_waiting() throws Exception {
    var first = logIn(0, HANGING);
    awaitHanging(1);

    isTaken(logIn(1, GOOD));
    var second = logIn(0, GOOD).get(15, TimeUnit.SECONDS);
    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(Json.read(second.body(), Problem.class))
        .extracting(Problem::code, Problem::nextStep)
        .containsExactly("login-under-way", "wait until that one ends, 20 s at most");
    assertThat(first).isNotDone();

    goOn.countDown();
    isTaken(first);
    isTaken(logIn(0, GOOD));
  }

  @Test
  void whoever_finds_no_room_is_told_so_at_once() throws Exception {
    var held = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (var i = 0; i < BuildWire.TRIALS; i++) {
      held.add(logIn(i, HANGING));
    }
    awaitHanging(BuildWire.TRIALS);

    var refused = logIn(BuildWire.TRIALS, GOOD).get(15, TimeUnit.SECONDS);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).contains("10");
    assertThat(Json.read(refused.body(), Problem.class))
        .extracting(Problem::code, Problem::nextStep)
        .containsExactly("too-many-logins", "try again in 10 s");
    assertThat(held).noneMatch(CompletableFuture::isDone);

    goOn.countDown();
    for (var each : held) {
      isTaken(each);
    }
    isTaken(logIn(BuildWire.TRIALS, GOOD));
  }
}

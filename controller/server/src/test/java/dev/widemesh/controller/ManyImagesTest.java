package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Route;
import dev.widemesh.api.Survey;
import dev.widemesh.api.SurveyLoop;
import dev.widemesh.api.Views;
import dev.widemesh.api.Views.Finding;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// More images than a builder can look at while one question waits.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class ManyImagesTest {
  private static final String THIRD = image("3");
  private static final Map<String, String> RUN = Map.of("web", "run");
  private static final Survey.Disk ROOM = new Survey.Disk("/data", 1L << 40, 1L << 40);

  private final Platform platform = Platform.start();
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();

  @Test
  void the_doctor_asks_until_all_are_looked_at_and_again_only_for_what_is_not_whole()
      throws Exception {
    try (platform;
        var _ = new PlayedBuilder(platform, job -> Platform.built(image(job.commit()), RUN));
        var _ = answering(Route.BUILD_QUESTIONS, Route.BUILD_SURVEY);
        var _ = answering(Route.GIT_QUESTIONS, Route.GIT_SURVEY)) {
      for (var commit : List.of("1", "2", "3", "4", "5")) {
        platform.push(platform.stack("shop" + commit), commit.repeat(40));
      }
      platform.awaitKept(5);

      var checkup =
          platform.admin().get(Route.DOCTOR.path() + "?invariants=true", Views.Checkup.class);

      assertThat(checkup.compared()).containsEntry("images", 5);
      assertThat(checkup.findings())
          .extracting(Finding::what)
          .contains("the registry lacks a blob of " + THIRD)
          .noneMatch(what -> what.startsWith("only "));
      assertThat(asked.subList(0, 5)).extracting(List::size).containsExactly(5, 4, 3, 2, 1);
      assertThat(asked.subList(5, asked.size())).isNotEmpty().containsOnly(List.of(THIRD));
    }
  }

  private static String image(String commit) {
    return "apps/x@sha256:" + commit.charAt(0);
  }

  private SurveyLoop answering(Route questions, Route answers) {
    var client = platform.client(answers == Route.GIT_SURVEY ? Platform.GATEWAY : Platform.BUILDER);
    return SurveyLoop.start(
        client,
        questions,
        answers,
        1,
        question ->
            answers == Route.GIT_SURVEY
                ? new Survey.Git(List.of(), ROOM, List.of(), List.of())
                : build(question.images()));
  }

  /// Has time for one.
  private Survey.Build build(List<String> images) {
    asked.add(images);
    var first = images.getFirst();
    var damages =
        Stream.of(new Survey.Damage(first, "a blob of " + first))
            .filter(damage -> damage.image().equals(THIRD))
            .toList();
    return new Survey.Build(
        List.of(),
        ROOM,
        true,
        List.of(),
        List.of(),
        List.of(),
        new Survey.Images(1, damages),
        List.of());
  }
}

package dev.widemesh.api;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/// Answers the controller's questions for a [Survey], one after the other. A question that is not
/// answered costs whoever asked a few seconds, and is a finding.
public final class SurveyLoop implements AutoCloseable {
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

  private final ApiClient controller;
  private final Route questions;
  private final Route answers;
  private final Function<Survey.Question, Object> survey;
  private final Thread thread = Thread.ofVirtual().name("surveys").unstarted(this::loop);

  private SurveyLoop(
      ApiClient controller,
      Route questions,
      Route answers,
      Function<Survey.Question, Object> survey) {
    this.controller = controller;
    this.questions = questions;
    this.answers = answers;
    this.survey = survey;
  }

  public static SurveyLoop start(
      ApiClient controller,
      Route questions,
      Route answers,
      Function<Survey.Question, Object> survey) {
    var loop = new SurveyLoop(controller, questions, answers, survey);
    loop.thread.start();
    return loop;
  }

  private void loop() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (!step()) {
          Thread.sleep(AFTER_TROUBLE);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean step() {
    try {
      controller.poll(questions.with(), Survey.Question.class).ifPresent(this::answer);
      return true;
    } catch (ApiException | IllegalArgumentException _) {
      return false;
    }
  }

  private void answer(Survey.Question question) {
    var _ = controller.ask("POST", answers.with(question.id()), survey.apply(question), Map.class);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

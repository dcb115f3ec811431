package dev.widemesh.api;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/// Answers the controller's questions for a [Survey], each on a thread of its own, so many at once
/// and no more: the next is fetched when one of them is answered. A question that is not answered
/// costs whoever asked a few seconds, and is a finding.
public final class SurveyLoop implements AutoCloseable {
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

  private final ApiClient controller;
  private final Route questions;
  private final Route answers;
  private final Function<Survey.Question, Object> survey;
  private final Semaphore free;
  private final ExecutorService answering =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("survey ", 0).factory());
  private final Thread thread = Thread.ofVirtual().name("surveys").unstarted(this::loop);

  private SurveyLoop(
      ApiClient controller,
      Route questions,
      Route answers,
      int atOnce,
      Function<Survey.Question, Object> survey) {
    this.controller = controller;
    this.questions = questions;
    this.answers = answers;
    this.free = new Semaphore(atOnce);
    this.survey = survey;
  }

  /// Each survey has to end by itself, and when it is interrupted.
  public static SurveyLoop start(
      ApiClient controller,
      Route questions,
      Route answers,
      int atOnce,
      Function<Survey.Question, Object> survey) {
    var loop = new SurveyLoop(controller, questions, answers, atOnce, survey);
    loop.thread.start();
    return loop;
  }

  private void loop() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        step();
      }
    } catch (InterruptedException | RejectedExecutionException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void step() throws InterruptedException {
    free.acquire();
    var question = next();
    if (question.isPresent()) {
      answering.execute(() -> answer(question.get()));
    } else {
      free.release();
    }
  }

  private Optional<Survey.Question> next() throws InterruptedException {
    try {
      return controller.poll(questions.with(), Survey.Question.class);
    } catch (ApiException | IllegalArgumentException _) {
      Thread.sleep(AFTER_TROUBLE);
      return Optional.empty();
    }
  }

  private void answer(Survey.Question question) {
    try {
      var _ =
          controller.ask("POST", answers.with(question.id()), survey.apply(question), Map.class);
    } catch (ApiException | IllegalArgumentException _) {
      // Nobody waits for it any more, or nobody can be told.
    } finally {
      free.release();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    answering.shutdownNow();
  }
}

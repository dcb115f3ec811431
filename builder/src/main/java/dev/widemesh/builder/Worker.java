package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Claim;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.Result;
import dev.widemesh.api.Cause;
import dev.widemesh.api.Route;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.Diagnosis;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Claims one build after another, and answers each with exactly one result.
final class Worker implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);
  private static final Duration REST = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 60;

  private final String name;
  private final ApiClient controller;
  private final Build.Tools tools;
  private final Set<String> claimed;

  Worker(String name, ApiClient controller, Build.Tools tools, Set<String> claimed) {
    this.claimed = claimed;
    this.name = name;
    this.controller = controller;
    this.tools = tools;
  }

  @Override
  public void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        claimOne();
      }
    } catch (InterruptedException _) {
      log.debug("{} stopped", name);
    }
  }

  private void claimOne() throws InterruptedException {
    try {
      var claim = new Claim(name, "ready");
      var job = controller.ask("POST", Route.CLAIM_BUILD.with(), claim, Job.class);
      if (job.isPresent()) {
        claimed.add(job.get().deployment());
        try {
          work(job.get());
        } finally {
          claimed.remove(job.get().deployment());
        }
      }
    } catch (ApiException | IllegalArgumentException e) {
      log.debug("no claim: {}", e.toString());
      TimeUnit.MILLISECONDS.sleep(REST.toMillis());
    }
  }

  private void work(Job job) throws InterruptedException {
    log.info("building {}/{} v{}", job.environment(), job.stack(), job.version());
    Failpoint.BUILD_CLAIMED.pass();
    var start = System.nanoTime();
    var cancellation = new Cancellation();
    Result result;
    try (var output = new BuildOutput(controller, name, job.deployment(), cancellation::cancel)) {
      result = result(job, output, cancellation);
    }
    report(job, result);
    Failpoint.BUILD_REPORTED.pass();
    var took = (System.nanoTime() - start) / 1_000_000;
    log.info("{}/{} v{}: {} ms", job.environment(), job.stack(), job.version(), took);
  }

  private Result result(Job job, BuildOutput output, Cancellation cancellation)
      throws InterruptedException {
    try {
      return new Build(tools, job, output, cancellation::onCancel).run();
    } catch (BuildRefused e) {
      return new Failed(Cause.of(e.diagnosis()));
    } catch (IOException | RuntimeException | Error e) {
      log.warn("the build of {} broke", job.deployment(), e);
      return new Failed(Cause.of(broken(e)));
    }
  }

  private static Diagnosis broken(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      var said = String.valueOf(cause.getMessage());
      if (said.contains("No space left on device")) {
        return new Diagnosis.NoDisk("the server", List.of(said));
      }
    }
    var words = String.valueOf(e.getMessage());
    return new Diagnosis.Platform(
        "the builder could not finish: " + words, List.of(), "push again; the log has more");
  }

  /// A controller that restarts just now gets the result a little later.
  private void report(Job job, Result result) throws InterruptedException {
    var path = Route.BUILD_RESULT.with(job.deployment());
    for (var attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        controller.ask("POST", path, result, Map.class);
        return;
      } catch (ApiException e) {
        if (e.status() >= 400 && e.status() < 500) {
          log.info("the result of {} is not wanted: {}", job.deployment(), e.getMessage());
          return;
        }
        TimeUnit.MILLISECONDS.sleep(REST.toMillis());
      }
    }
    log.warn("the result of {} could not be delivered", job.deployment());
  }
}

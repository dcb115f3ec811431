package dev.widemesh.builder;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire.Claim;
import dev.widemesh.api.BuildWire.Failed;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.Lease;
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
  private final Map<String, String> claimed;
  private final Turns turns;
  private final Runnable built;
  private int claims;

  /// `claimed`: deployments, by their claim. `built` is run after each build.
  Worker(
      String name,
      ApiClient controller,
      Build.Tools tools,
      Map<String, String> claimed,
      Turns turns,
      Runnable built) {
    this.built = built;
    this.claimed = claimed;
    this.turns = turns;
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
    // A name of its own: a claim that was lost must not pass for the next one, not even of ours.
    var claim = name + "-" + ++claims;
    try {
      var asked = new Claim(claim, "ready");
      var job = controller.ask("POST", Route.CLAIM_BUILD.with(), asked, Job.class);
      if (job.isPresent()) {
        claimed.put(claim, job.get().deployment());
        try {
          work(claim, job.get());
        } finally {
          claimed.remove(claim);
        }
      }
    } catch (ApiException | IllegalArgumentException e) {
      log.debug("no claim: {}", e.toString());
      TimeUnit.MILLISECONDS.sleep(REST.toMillis());
    }
  }

  private void work(String claim, Job job) throws InterruptedException {
    log.info("building {}/{} v{} as {}", job.environment(), job.stack(), job.version(), claim);
    Failpoint.BUILD_CLAIMED.pass();
    var start = System.nanoTime();
    var cancellation = new Cancellation();
    Result result;
    try (var output = new BuildOutput(controller, claim, job.deployment(), cancellation::cancel)) {
      result = result(claim, job, output, cancellation);
    }
    report(claim, job, result);
    built.run();
    Failpoint.BUILD_REPORTED.pass();
    var took = (System.nanoTime() - start) / 1_000_000;
    log.info("{}/{} v{}: {} ms", job.environment(), job.stack(), job.version(), took);
  }

  private Result result(String claim, Job job, BuildOutput output, Cancellation cancellation)
      throws InterruptedException {
    try (var _ = turns.take(job.stackId(), cancellation)) {
      return new Build(tools, claim, job, output, cancellation::onCancel).run();
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
  private void report(String claim, Job job, Result result) throws InterruptedException {
    var path = Route.BUILD_RESULT.with(job.deployment()) + "?builder=" + claim;
    for (var attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        var lease = controller.ask("POST", path, result, Lease.class);
        if (lease.filter(Lease::cancelled).isPresent()) {
          log.info("the result of {} as {} is not wanted any more", job.deployment(), claim);
        }
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

package dev.widemesh.controller;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.BuildWire;
import dev.widemesh.api.OutputLine;
import dev.widemesh.api.Route;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A builder over the real wire, whose builds end as the test says.
final class PlayedBuilder implements AutoCloseable {
  private final ApiClient client;
  private final Function<BuildWire.Job, BuildWire.Result> build;
  private final BlockingQueue<BuildWire.Job> jobs = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  PlayedBuilder(Platform platform, Function<BuildWire.Job, BuildWire.Result> build) {
    this.client = platform.client(Platform.BUILDER);
    this.build = build;
    this.thread = Thread.ofVirtual().start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        client
            .ask(
                "POST",
                Route.CLAIM_BUILD.path(),
                new BuildWire.Claim("b1", "ready"),
                BuildWire.Job.class)
            .ifPresent(this::work);
      } catch (ApiException e) {
        if (e.status() != 0 && e.status() != 503 && !closed) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  private void work(BuildWire.Job job) {
    jobs.add(job);
    var line =
        new BuildWire.Output("b1", List.of(OutputLine.Draft.step("Building " + job.commit())));
    client.send("POST", Route.BUILD_OUTPUT.with(job.deployment()), line, BuildWire.Lease.class);
    var result = build.apply(job);
    client.send("POST", Route.BUILD_RESULT.with(job.deployment()), result, BuildWire.Lease.class);
  }

  BuildWire.Job awaitJob() throws InterruptedException {
    var job = jobs.poll(10, TimeUnit.SECONDS);
    if (job == null) {
      throw new AssertionError("no build came");
    }
    return job;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}

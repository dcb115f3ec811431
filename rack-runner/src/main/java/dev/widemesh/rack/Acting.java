package dev.widemesh.rack;

import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.model.Failpoint;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out the steps of one environment, each on a thread of its own and at most one for the
/// same thing: what hangs delays nobody else. Its monitor guards the environment's memory and
/// ledger too.
final class Acting {
  private static final Logger log = LoggerFactory.getLogger(Acting.class);
  private static final int AT_ONCE = 8;
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

  private final SecureRandom random = new SecureRandom();
  private final Semaphore permits = new Semaphore(AT_ONCE);
  private final String environment;
  private final Parts parts;
  private final Memory memory;
  private final Ledger ledger;
  private final Runnable done;
  private final Set<String> busy = new HashSet<>();
  private final Set<String> making = new HashSet<>();
  private final Set<String> made = new HashSet<>();
  private final Map<String, Account.Activity> activities = new HashMap<>();

  Acting(String environment, Parts parts, Memory memory, Ledger ledger, Runnable done) {
    this.environment = environment;
    this.parts = parts;
    this.memory = memory;
    this.ledger = ledger;
    this.done = done;
  }

  /// What is being done: keys of steps.
  synchronized Set<String> busy() {
    return Set.copyOf(busy);
  }

  synchronized boolean isIdle() {
    return busy.isEmpty();
  }

  /// Names of containers that may exist though they were not seen.
  synchronized Set<String> making() {
    return Set.copyOf(making);
  }

  /// Those of them that a look from now on shows, if they exist.
  synchronized Set<String> made() {
    return Set.copyOf(made);
  }

  synchronized void settled(Set<String> names) {
    made.removeAll(names);
    making.removeAll(names);
  }

  synchronized Map<String, Account.Activity> activities() {
    return Map.copyOf(activities);
  }

  /// What changes in our head only, before the routers are told. Answers whether the plan is to be
  /// made again.
  synchronized boolean mark(List<Step> steps, Set<String> alreadyBusy) {
    var now = parts.clock().instant();
    var marked = false;
    for (var step : steps) {
      marked |= !alreadyBusy.contains(step.key()) && mark(step, now);
    }
    return marked;
  }

  private boolean mark(Step step, Instant now) {
    switch (step) {
      case Step.Hold(var seen) -> memory.leaves(seen.container(), new Leaving.Held(now));
      case Step.Drain(var seen) -> memory.leaves(seen.container(), new Leaving.Draining(now, 0));
      case Step.Resume(var seen) -> memory.resumes(seen.container());
      case Step.Terminate(var seen) ->
          memory.leaves(seen.container(), new Leaving.Stopping(now, 0));
      case Step.Kill(var seen) -> {
        if (memory.leaving(seen.container()).orElse(null)
            instanceof Leaving.Stopping(var since, var kills)) {
          memory.leaves(seen.container(), new Leaving.Stopping(since, kills + 1));
        }
      }
      case Step.Create _,
          Step.Start _,
          Step.Restart _,
          Step.Replace _,
          Step.RunJob _,
          Step.Remove _ -> {}
    }
    return step instanceof Step.Hold || step instanceof Step.Drain || step instanceof Step.Resume;
  }

  synchronized void start(Step step, Set<String> alreadyBusy, Optional<Subnet> subnet) {
    if (alreadyBusy.contains(step.key()) || !busy.add(step.key())) {
      return;
    }
    Thread.ofVirtual().name(environment + " " + step.key()).start(() -> run(step, subnet));
  }

  private void run(Step step, Optional<Subnet> subnet) {
    try {
      fetchImage(step);
      permits.acquire();
      try {
        act(step, subnet);
        accepted(step);
      } finally {
        permits.release();
      }
    } catch (InterruptedException _) {
      log.debug("interrupted: {}", step.key());
    } catch (RuntimeException e) {
      log.warn("{} in {}: {}", step.getClass().getSimpleName(), environment, Refusals.reason(e));
      log.debug("{}", step, e);
      refused(step, e);
    } finally {
      end(step);
    }
  }

  /// Tells to look before it frees the key: nobody may plan with what was seen before.
  private void end(Step step) {
    done.run();
    synchronized (this) {
      busy.remove(step.key());
      activities.remove(step.key());
    }
    done.run();
  }

  // Takes minutes where a registry hangs: whoever waits for that must not hold a permit.
  private void fetchImage(Step step) throws InterruptedException {
    switch (step) {
      case Step.Create(var set, _) -> fetchImage(step.key(), set.spec().image());
      case Step.RunJob(var job) -> fetchImage(job.id(), job.spec().image());
      case Step.Start _,
          Step.Restart _,
          Step.Replace _,
          Step.Hold _,
          Step.Drain _,
          Step.Resume _,
          Step.Terminate _,
          Step.Kill _,
          Step.Remove _ -> {}
    }
  }

  private void fetchImage(String key, String image) throws InterruptedException {
    parts.signatures().require(image);
    if (!parts.images().has(image)) {
      doing(key, Account.Activity.PULLING);
      parts.images().pull(image);
    }
    doing(key, Account.Activity.STARTING);
  }

  private void act(Step step, Optional<Subnet> subnet) {
    var engine = parts.engine();
    switch (step) {
      case Step.Create(var set, var index) ->
          create(Labels.of(environment, set, index), set.spec(), subnet.orElseThrow());
      case Step.RunJob(var job) ->
          create(Labels.of(environment, job), job.spec(), subnet.orElseThrow());
      case Step.Start(var seen) -> engine.start(seen.container());
      case Step.Restart(var seen) -> {
        restarted(seen.labels().instance());
        engine.start(seen.container());
      }
      case Step.Replace(var seen) -> {
        restarted(seen.labels().instance());
        engine.remove(seen.container());
      }
      case Step.Terminate(var seen) -> {
        Failpoint.DRAINED.pass();
        if (!(seen.phase() instanceof Seen.Phase.Running(_, var pid)) || !Sigterm.send(pid)) {
          engine.signal(seen.container(), "TERM");
        }
        Failpoint.SIGTERM_SENT.pass();
      }
      case Step.Kill(var seen) -> engine.signal(seen.container(), "KILL");
      case Step.Remove(var seen) -> {
        engine.remove(seen.container());
        Failpoint.CONTAINER_REMOVED.pass();
      }
      case Step.Hold _, Step.Drain _, Step.Resume _ -> {}
    }
  }

  private synchronized void restarted(String instance) {
    ledger.restarted(instance, parts.clock().instant());
  }

  private void create(Labels labels, InstanceSpec spec, Subnet subnet) {
    var recipe = recipe(labels, spec, subnet);
    Failpoint.ADDRESS_TAKEN.pass();
    try {
      var container = parts.engine().create(recipe);
      Failpoint.CONTAINER_CREATED.pass();
      startOrRemove(container);
      Failpoint.CONTAINER_STARTED.pass();
    } finally {
      synchronized (this) {
        made.add(recipe.name());
      }
    }
  }

  /// One that Docker does not start says why once; the next try begins with a new one.
  private void startOrRemove(String container) {
    try {
      parts.engine().start(container);
    } catch (RuntimeException e) {
      parts.engine().remove(container);
      throw e;
    }
  }

  private synchronized void doing(String key, Account.Activity activity) {
    activities.put(key, activity);
    done.run();
  }

  private synchronized ContainerRecipe recipe(Labels labels, InstanceSpec spec, Subnet subnet) {
    var platform = parts.config().platform();
    var name =
        "wm-%s-%s-%s-%s-%d-%s"
            .formatted(
                platform, environment, labels.stack(), labels.service(), labels.index(), suffix());
    making.add(name);
    return new ContainerRecipe(
        name,
        platform,
        parts.networks().name(environment),
        ledger.lease(subnet, name),
        parts.images().reference(spec.image()),
        parts.networks().resolvConf(environment),
        labels,
        spec);
  }

  private String suffix() {
    var text = new StringBuilder();
    for (var i = 0; i < 4; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }

  private synchronized void accepted(Step step) {
    subject(step).ifPresent(memory::accepted);
  }

  private synchronized void refused(Step step, RuntimeException failure) {
    var now = parts.clock().instant();
    subject(step).ifPresent(key -> memory.refused(key, failure, now));
    if (step instanceof Step.Terminate(var seen)) {
      memory.leaves(seen.container(), new Leaving.Draining(now.minus(Plan.DRAIN), 0));
    }
  }

  /// Of whom a refusal of this step is told.
  private static Optional<String> subject(Step step) {
    return switch (step) {
      case Step.Create create -> Optional.of(create.key());
      case Step.RunJob(var job) -> Optional.of(job.id());
      case Step.Start(var seen) -> Optional.of(of(seen));
      case Step.Restart(var seen) -> Optional.of(of(seen));
      case Step.Replace(var seen) -> Optional.of(of(seen));
      case Step.Hold _, Step.Drain _, Step.Resume _, Step.Terminate _, Step.Kill _, Step.Remove _ ->
          Optional.empty();
    };
  }

  private static String of(Seen seen) {
    return seen.labels().isJob() ? seen.labels().job() : seen.labels().instance();
  }
}

package dev.widemesh.rack;

import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.api.rack.RouteTable;
import dev.widemesh.model.Strain;
import dev.widemesh.rack.Seen.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes one environment so, on a thread of its own. Each step compares all that is wanted with all
/// that is seen: a lost signal costs only time, a repeated one nothing.
final class EnvironmentLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EnvironmentLoop.class);
  private static final Duration CHECK_NETWORK = Duration.ofSeconds(30);
  private static final Duration LOOK_AT_SOCKETS = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

  private final String id;
  private final Parts parts;
  private final BlockingQueue<Boolean> signals = new ArrayBlockingQueue<>(1);
  private final LogStore logs;
  private final Followers followers;
  private final Memory memory = new Memory();
  private final Ledger ledger;
  private final Account account;
  private final Acting acting;
  private final Map<String, Usage> usages = new HashMap<>();
  private final Map<String, Strain> strains = new HashMap<>();
  private final Thread thread;
  private volatile EnvironmentDefinition wanted;
  private volatile boolean stale = true;
  private volatile boolean gone;
  private Optional<Subnet> subnet = Optional.empty();
  private Instant networkChecked = Instant.EPOCH;
  private List<Seen> seen = List.of();
  private Chronicle chronicle;
  private List<String> accounted = List.of();

  EnvironmentLoop(Parts parts, EnvironmentDefinition wanted) throws IOException {
    this.id = wanted.id();
    this.parts = parts;
    this.wanted = wanted;
    this.logs = new LogStore(parts.config().data().resolve("logs").resolve(id), parts.clock());
    this.followers = new Followers(parts.engine(), logs, this::look);
    this.ledger = new Ledger(parts.vault(), id);
    this.account = new Account(logs::lastLines);
    this.chronicle = new Chronicle(logs, parts.clock());
    this.acting = new Acting(id, parts, memory, ledger, this::look);
    this.thread = Thread.ofVirtual().name("environment-" + id).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void want(EnvironmentDefinition definition) {
    wanted = definition;
    if (!definition.deleted()) {
      gone = false;
    }
    signal();
  }

  EnvironmentDefinition wanted() {
    return wanted;
  }

  /// What we believe, for whoever compares it with what is so.
  RackSurvey.Environment book() {
    synchronized (acting) {
      var leaving = new HashMap<String, Instant>();
      for (var one : seen) {
        Plan.goneBy(one, memory).ifPresent(at -> leaving.put(one.container(), at));
      }
      return new RackSurvey.Environment(
          id, gone, ledger.inUse(), List.copyOf(acting.making()), leaving, accounted);
    }
  }

  LogStore logs() {
    return logs;
  }

  boolean isGone() {
    return gone;
  }

  /// Think again.
  void signal() {
    var _ = signals.offer(true);
  }

  /// Look at Docker, then think again.
  void look() {
    stale = true;
    signal();
  }

  private void run() {
    try {
      while (true) {
        var wait = runStep();
        var _ = signals.poll(Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      log.debug("{} stopped", thread.getName());
    }
  }

  /// Logs a failure and answers when to try again; only an interrupt leaves.
  private Duration runStep() throws InterruptedException {
    try {
      return Duration.between(parts.clock().instant(), step());
    } catch (RuntimeException | IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      log.warn("environment {}: {}", id, Refusals.reason(e));
      log.debug("environment {}", id, e);
      stale = true;
      return AFTER_FAILURE;
    }
  }

  private Instant step() throws IOException {
    var definition = wanted;
    if (gone) {
      report(definition, List.of(), List.of());
      return parts.clock().instant().plusSeconds(30);
    }
    // Taken before the look: what was being done then may be missing in what is seen.
    var busy = acting.busy();
    ensureNetwork(definition);
    refresh();
    synchronized (acting) {
      return think(definition, busy);
    }
  }

  private void ensureNetwork(EnvironmentDefinition definition) throws IOException {
    var now = parts.clock().instant();
    if (definition.deleted()) {
      subnet = parts.subnets().of(id);
    } else if (subnet.isEmpty() || networkChecked.plus(CHECK_NETWORK).isBefore(now)) {
      subnet = Optional.of(parts.networks().ensure(id));
      networkChecked = now;
      stale = true;
    }
  }

  /// Not being able to look never means that nothing runs: then there is no step at all.
  private void refresh() {
    if (stale) {
      stale = false;
      var made = acting.made();
      seen =
          parts
              .engine()
              .containers(
                  Map.of(Labels.PLATFORM, parts.config().platform(), Labels.ENVIRONMENT, id));
      acting.settled(made);
      followers.watch(seen);
    }
  }

  private Instant think(EnvironmentDefinition definition, Set<String> busy) throws IOException {
    var situation = situation(definition);
    forget(situation);
    Standing.observe(situation);
    noteJobs();
    var plan = Plan.of(situation);
    var marked = acting.mark(plan.steps(), busy);
    var revision = show(situation);
    memory.drainingShownBy(revision);
    var votes = parts.routers().votes();
    ledger.settle(seen, acting.making(), revision, votes);
    plan.steps().forEach(step -> acting.start(step, busy, subnet));
    var instances = account.instances(situation, acting.activities(), usages);
    chronicle.note(instances, situation);
    accounted = instances.stream().map(one -> one.id()).toList();
    report(definition, instances, account.jobs(situation));
    if (definition.deleted() && seen.isEmpty() && acting.isIdle()) {
      vanish(definition, revision);
    }
    if (marked) {
      signal();
    }
    return lookAgain(plan, instances);
  }

  private Situation situation(EnvironmentDefinition definition) {
    return new Situation(
        definition,
        seen,
        memory,
        ledger,
        parts.routers().votes(),
        followers::followed,
        parts.clock().instant());
  }

  private void forget(Situation situation) {
    var wantedJobs = new HashSet<String>();
    situation.wanted().jobs().forEach(job -> wantedJobs.add(job.id()));
    var instances = situation.slots().keySet();
    var keys = new HashSet<>(instances);
    keys.addAll(wantedJobs);
    memory.keepOnly(situation.containers(), keys);
    ledger.keepOnly(instances, wantedJobs);
    usages.keySet().retainAll(situation.containers());
    strains.keySet().retainAll(situation.containers());
    if (acting.isIdle()) {
      logs.keepOnly(situation.containers());
    }
  }

  private void noteJobs() {
    for (var one : seen) {
      if (one.labels().isJob() && !(one.phase() instanceof Phase.Created)) {
        ledger.begin(one.labels().job());
      }
    }
  }

  private long show(Situation situation) {
    var contribution =
        situation.wanted().deleted()
            ? Optional.<Contribution>empty()
            : subnet.map(range -> Contribution.of(situation, range));
    contribution.ifPresent(shown -> shown.roles().forEach(memory::plays));
    Optional<RouteTable.Environment> environment = contribution.map(Contribution::environment);
    return parts.routes().show(id, situation.wanted().revision(), environment);
  }

  private Instant lookAgain(Plan plan, List<dev.widemesh.api.rack.RackReport.Instance> instances) {
    var soon = parts.clock().instant().plus(LOOK_AT_SOCKETS);
    var starting =
        instances.stream()
            .anyMatch(one -> one.state() == State.STARTING || one.state() == State.UNHEALTHY);
    return starting && soon.isBefore(plan.lookAgain()) ? soon : plan.lookAgain();
  }

  /// The last of a deleted environment.
  private void vanish(EnvironmentDefinition definition, long revision) throws IOException {
    parts.networks().remove(id, revision);
    followers.close();
    logs.delete();
    ledger.delete();
    gone = true;
    report(definition, List.of(), List.of());
    log.info("environment {} is gone", definition.name());
  }

  private void report(
      EnvironmentDefinition definition,
      List<dev.widemesh.api.rack.RackReport.Instance> instances,
      List<dev.widemesh.api.rack.RackReport.JobReport> jobs) {
    var votes = parts.routers().votes();
    var routed = parts.routes().definition(id, votes.applied());
    parts
        .reports()
        .put(new EnvironmentReport(id, definition.revision(), routed, gone, instances, jobs));
  }

  /// Reads memory and processor time of what runs.
  void sample() {
    synchronized (acting) {
      for (var one : seen) {
        if (one.phase() instanceof Phase.Running(_, var pid)) {
          usages.merge(
              one.container(), Usage.of(pid, Usage.NONE), (before, _) -> Usage.of(pid, before));
          var strain = Strain.of(pid);
          var before = strains.put(one.container(), strain);
          chronicle.note(one, strain.since(before == null ? Strain.NONE : before));
        }
      }
    }
    if (!gone) {
      logs.age();
    }
    signal();
  }

  /// Looks how much of the disk each container took. Outside of the lock: it may take long.
  void measure() {
    var limit = parts.config().instanceDisk();
    for (var one : running()) {
      var pid = one.phase() instanceof Phase.Running(_, var first) ? first : 0;
      if (DiskUse.exceeds(pid, limit)) {
        synchronized (acting) {
          memory.overfills(one.container(), "disk full (limit %d MB)".formatted(limit / 1_000_000));
        }
        signal();
      }
    }
  }

  private List<Seen> running() {
    synchronized (acting) {
      return seen.stream().filter(Seen::isRunning).toList();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    followers.close();
    logs.close();
  }
}

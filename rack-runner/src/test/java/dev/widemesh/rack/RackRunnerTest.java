package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.widemesh.api.Json;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.EnvironmentDefinition.Job;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.InstanceSpec.Readiness;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport.EnvironmentReport;
import dev.widemesh.api.rack.RackReport.Instance;
import dev.widemesh.api.rack.RackReport.JobReport;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.api.rack.RouteTable.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// On the real Docker, with a controller and a router that speak the real wire.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RackRunnerTest {
  private static final String REGISTRY = "127.0.0.1:9";
  private static final String IMAGE = "trackrunner-" + UUID.randomUUID().toString().substring(0, 8);
  private static final String SERVE =
      """
      use IO::Socket::INET; $|=1; $SIG{TERM}=sub{print "got SIGTERM\\n"; exit 0};
      my $s=IO::Socket::INET->new(Listen=>9,LocalAddr=>'0.0.0.0',LocalPort=>$ENV{PORT},ReuseAddr=>1);
      print "serving as $ENV{WIDEMESH_INSTANCE}\\n";
      while(1){my $c=$s->accept or next; print $c "hello\\n"; close $c}
      """;

  @TempDir private Path folder;
  private final String platform = "t" + UUID.randomUUID().toString().substring(0, 3);
  private final String blue = "b" + UUID.randomUUID().toString().substring(0, 7);
  private FakeController controller;
  private FakeRouter router;
  private RackRunnerConfig config;
  private RackRunner rack;

  @BeforeAll
  static void makeImage() throws IOException {
    TestImage.make(REGISTRY + "/" + IMAGE);
  }

  @AfterAll
  static void removeImage() {
    TestImage.remove(REGISTRY + "/" + IMAGE);
  }

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    config = config(REGISTRY);
    rack = RackRunner.start(config);
    router = new FakeRouter(config.socket());
  }

  private RackRunnerConfig config(String registry) {
    return new RackRunnerConfig(
        folder.resolve("data"),
        platform,
        "main",
        "node1",
        controller.uri(),
        "token",
        registry,
        "rack",
        "secret",
        "10.231.0.0/16",
        folder.resolve("run/rack.sock"),
        "127.0.0.1",
        7080,
        7443,
        RackRunnerConfig.INSTANCE_DISK,
        Optional.empty());
  }

  @AfterEach
  void leaveNothing() {
    router.close();
    rack.close();
    controller.close();
    RackRunner.purge(config);
    assertThat(TestImage.run(List.of("iptables-save"))).doesNotContain("WM-" + platform);
  }

  private static InstanceSpec spec(int port, int grace, boolean server, String... command) {
    var kind = port == 0 ? Readiness.Kind.ALIVE : Readiness.Kind.PORT;
    return new InstanceSpec(
        IMAGE,
        Arrays.asList(command),
        Map.of("PORT", "8080"),
        port,
        new Readiness(kind, null, 0.5),
        96_000_000,
        1,
        64,
        grace,
        server);
  }

  private static InstanceSet web(String id) {
    return Samples.set(id, "web", 1, spec(8080, 10, false, "/bin/perl", "-e", SERVE));
  }

  private static InstanceSet worker(String id, int grace, String script) {
    return Samples.set(id, "worker", 1, spec(0, grace, false, "/bin/sh", "-c", script));
  }

  private static EnvironmentDefinition definition(
      String id,
      long revision,
      List<InstanceSet> current,
      List<InstanceSet> candidate,
      Job... jobs) {
    return new EnvironmentDefinition(
        id, "env-" + id, revision, false, current, candidate, Arrays.asList(jobs), List.of());
  }

  private static EnvironmentDefinition deleted(String id, long revision) {
    return new EnvironmentDefinition(
        id, "env-" + id, revision, true, List.of(), List.of(), List.of(), List.of());
  }

  private static Predicate<EnvironmentReport> is(String instance, State state) {
    return report ->
        report.instances().stream()
            .anyMatch(one -> one.id().equals(instance) && one.state() == state);
  }

  private static Instance find(EnvironmentReport report, String instance) {
    return report.instances().stream()
        .filter(one -> one.id().equals(instance))
        .findFirst()
        .orElseThrow();
  }

  private static boolean without(EnvironmentReport report, String instance) {
    return report.instances().stream().noneMatch(one -> one.id().equals(instance));
  }

  private JobReport runJob(String env, long revision, boolean server, String... command)
      throws InterruptedException {
    var id = "job-" + revision;
    var job = new Job(id, "shop", "release", "v1", spec(0, 5, server, command), 30);
    controller.define(definition(env, revision, List.of(), List.of(), job));
    return controller.await(env, report -> ended(report, id)).jobs().getFirst();
  }

  private static boolean ended(EnvironmentReport report, String id) {
    return report.jobs().stream().anyMatch(job -> job.id().equals(id) && job.ended());
  }

  private List<String> logs(String env) throws InterruptedException {
    controller.send(new RackMessage.Logs("q1", env, Instant.EPOCH, false, null, null, null));
    return controller.awaitAnswer(lines -> lines.contains("END"));
  }

  @Test
  @Tag("DEP-9")
  void a_swap_is_start_ready_routes_drain_sigterm_remove() throws InterruptedException {
    controller.define(definition(blue, 1, List.of(web("s1")), List.of()));
    controller.await(blue, is("s1-1", State.READY));
    controller.define(definition(blue, 2, List.of(web("s1")), List.of(web("s2"))));
    var prepared = controller.await(blue, is("s2-1", State.READY));
    assertThat(find(prepared, "s1-1").state()).isEqualTo(State.READY);
    assertThat(FakeRouter.role(router.history().getLast(), "s2-1")).contains(Role.CANDIDATE);

    router.mayDrain(false);
    controller.define(definition(blue, 3, List.of(web("s2")), List.of()));
    controller.await(
        blue, report -> report.routed() >= 3 && is("s1-1", State.DRAINING).test(report));
    var table =
        router.await(
            now -> FakeRouter.role(now, "s1-1").equals(java.util.Optional.of(Role.DRAINING)));
    assertThat(FakeRouter.role(table, "s2-1")).contains(Role.CURRENT);
    assertThat(String.join("\n", logs(blue))).doesNotContain("got SIGTERM");

    router.mayDrain(true);
    controller.await(blue, report -> without(report, "s1-1"));
    assertThat(FakeRouter.role(router.await(now -> FakeRouter.role(now, "s1-1").isEmpty()), "s2-1"))
        .contains(Role.CURRENT);
    awaitContainers(1);
    assertThat(String.join("\n", logs(blue))).contains("got SIGTERM", "serving as web.1");
  }

  private void awaitContainers(int count) throws InterruptedException {
    try (var engine = Engine.connect()) {
      var deadline = Instant.now().plusSeconds(20);
      while (engine.containers(Map.of(Labels.PLATFORM, platform)).size() != count) {
        assertThat(Instant.now()).as("waiting for %d containers", count).isBefore(deadline);
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  @Test
  @Tag("DEP-12")
  void what_crashes_says_why_and_comes_back_with_growing_pauses() throws InterruptedException {
    var sets =
        List.of(worker("s1", 1, "echo cannot go on; exit 3"), worker("s2", 1, "gunicornn x"));
    controller.define(definition(blue, 1, List.of(), sets));

    var report =
        controller.await(
            blue,
            now ->
                is("s1-1", State.CRASHED).test(now)
                    && is("s2-1", State.CRASHED).test(now)
                    && find(now, "s1-1").restarts() >= 2
                    && !find(now, "s2-1").lastLines().isEmpty());

    var crashed = find(report, "s1-1");
    assertThat(crashed.exitCode()).isEqualTo(3);
    assertThat(crashed.message()).isEqualTo("exited with code 3");
    assertThat(crashed.lastLines()).contains("cannot go on");
    assertThat(find(report, "s2-1").message()).isEqualTo("command not found: gunicornn");
  }

  @Test
  @Tag("DEP-12")
  void how_an_instance_ended_is_known_after_a_restart_of_the_rack()
      throws InterruptedException, IOException {
    var script = "[ -e /ended ] && exec sleep 99; echo > /ended; sleep 0.3; exit 3";
    var once = Samples.set("s1", "once", 1, spec(0, 1, true, "/bin/sh", "-c", script));
    controller.define(definition(blue, 1, List.of(once), List.of()));
    var before = find(controller.await(blue, is("s1-1", State.READY)), "s1-1");
    rack.close();
    controller.forgetReports();

    rack = RackRunner.start(config);

    var after = find(controller.await(blue, is("s1-1", State.READY)), "s1-1");
    for (var report : List.of(before, after)) {
      assertThat(report.exitCode()).isEqualTo(3);
      assertThat(report.restarts()).isEqualTo(1);
      assertThat(report.message()).isEqualTo("started again: exited with code 3");
      assertThat(report.ranMillis()).isBetween(300L, 10_000L).isEqualTo(before.ranMillis());
    }
    assertThat(after.container()).isEqualTo(before.container());
  }

  @Test
  @Tag("DEP-12")
  void one_that_listens_on_loopback_says_so_and_one_that_eats_memory_too()
      throws InterruptedException {
    var loopback = SERVE.replace("0.0.0.0", "127.0.0.1").replace("$ENV{PORT}", "3000");
    var set = Samples.set("s1", "web", 1, spec(8080, 1, false, "/bin/perl", "-e", loopback));
    var hungry = worker("s2", 1, "perl -e 'my $x=\"a\" x 300_000_000; sleep 9'");
    controller.define(definition(blue, 1, List.of(), List.of(set, hungry)));

    var report =
        controller.await(
            blue,
            now ->
                now.instances().stream()
                        .anyMatch(
                            one ->
                                !one.listening().isEmpty()
                                    && "connection refused".equals(one.message()))
                    && is("s2-1", State.CRASHED).test(now));

    assertThat(find(report, "s1-1").listening()).containsExactly("127.0.0.1:3000");
    assertThat(find(report, "s1-1").message()).isEqualTo("connection refused");
    assertThat(find(report, "s2-1").outOfMemory()).isTrue();
    assertThat(find(report, "s2-1").message()).isEqualTo("out of memory (limit 96 MB)");
  }

  @Test
  @Tag("ENV-6")
  void nothing_in_one_environment_reaches_another_or_the_host()
      throws InterruptedException, IOException {
    var green = "g" + blue.substring(1);
    controller.define(definition(green, 1, List.of(web("s1")), List.of()));
    var target = find(controller.await(green, is("s1-1", State.READY)), "s1-1");
    controller.define(definition(blue, 1, List.of(web("s2")), List.of()));
    var neighbour = find(controller.await(blue, is("s2-1", State.READY)), "s2-1");
    var own = router(neighbour);
    var others = router(target);
    try (var host = new ServerSocket(0, 50);
        var ownRouter = listen(own, 80);
        var othersRouter = listen(others, 80)) {
      var probes =
          List.of(
              target.address() + ":8080",
              others + ":80",
              others + ":" + host.getLocalPort(),
              own + ":" + host.getLocalPort(),
              "172.17.0.1:" + host.getLocalPort(),
              hostAddress() + ":" + host.getLocalPort(),
              "169.254.169.254:80",
              "168.63.129.16:80",
              own + ":" + ownRouter.getLocalPort(),
              neighbour.address() + ":8080");
      assertThat(othersRouter.isBound()).isTrue();
      var report = connect(blue, probes, web("s2"));
      assertThat(report)
          .containsExactly("no", "no", "no", "no", "no", "no", "no", "no", "yes", "yes");
    }
  }

  private static String router(Instance instance) {
    var address = String.valueOf(instance.address());
    return address.substring(0, address.lastIndexOf('.')) + ".1";
  }

  private static ServerSocket listen(String address, int port) throws IOException {
    var socket = new ServerSocket();
    socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
    return socket;
  }

  private static String hostAddress() throws IOException {
    try (var socket = new java.net.DatagramSocket()) {
      socket.connect(InetAddress.getByName("192.0.2.200"), 9);
      return socket.getLocalAddress().getHostAddress();
    }
  }

  /// What a container of the environment gets when it connects there.
  private List<String> connect(String env, List<String> targets, InstanceSet beside)
      throws InterruptedException {
    var script =
        "use IO::Socket::INET; for (qw(%s)) { print IO::Socket::INET->new(PeerAddr=>$_,Timeout=>2) ? qq(yes\\n) : qq(no\\n) }"
            .formatted(String.join(" ", targets));
    var job =
        new Job("probe", "shop", "probe", "v1", spec(0, 5, false, "/bin/perl", "-e", script), 60);
    controller.define(definition(env, 2, List.of(beside), List.of(), job));
    return controller
        .await(
            env,
            now ->
                ended(now, "probe") && now.jobs().getFirst().lastLines().size() == targets.size())
        .jobs()
        .getFirst()
        .lastLines();
  }

  @Test
  @Tag("NET-2")
  void a_container_is_closed_on_every_side_and_asks_only_our_name_server()
      throws InterruptedException {
    var script =
        "cat /etc/resolv.conf; hostname; id -u; grep -E 'CapEff|NoNewPrivs|Seccomp:'"
            + " /proc/self/status";
    var job = runJob(blue, 1, false, "/bin/sh", "-c", script);
    var lines = String.join("\n", job.lastLines());

    assertThat(job.exitCode()).isZero();
    assertThat(job.lastLines().getFirst()).matches("nameserver 10\\.231\\.\\d+\\.1");
    assertThat(job.lastLines()).filteredOn(line -> line.startsWith("nameserver")).hasSize(1);
    assertThat(lines).contains("release", "\n1000\n", "CapEff:\t0000000000000000");
    assertThat(lines).contains("NoNewPrivs:\t1", "Seccomp:\t2");

    var server = runJob(blue, 2, true, "/bin/sh", "-c", script);
    assertThat(String.join("\n", server.lastLines()))
        .contains("\n0\n", "CapEff:\t00000000000004eb");
  }

  /// Otherwise the controller would have it twice, just when it has too much to do.
  @Test
  void a_report_is_given_time_until_a_controller_without_its_database_says_so()
      throws InterruptedException {
    controller.awaitStream();
    controller.refuseNextReport(Duration.ofSeconds(7));
    controller.define(definition(blue, 1, List.of(), List.of()));

    assertThat(controller.awaitReportAgain()).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  @Tag("RCK-6")
  void a_restarted_rack_without_a_controller_goes_on() throws InterruptedException, IOException {
    controller.define(definition(blue, 1, List.of(web("s1")), List.of()));
    var before = find(controller.await(blue, is("s1-1", State.READY)), "s1-1");
    controller.close();
    rack.close();

    rack = RackRunner.start(config);
    var again = new FakeRouter(config.socket());
    try {
      var table = again.await(now -> FakeRouter.role(now, "s1-1").isPresent());
      assertThat(FakeRouter.role(table, "s1-1")).contains(Role.CURRENT);
      try (var engine = Engine.connect()) {
        var seen = engine.containers(Map.of(Labels.PLATFORM, platform));
        assertThat(seen).extracting(Seen::container).containsExactly(before.container());
        engine.signal(seen.getFirst().container(), "KILL");
        awaitRestart(engine, seen.getFirst());
      }
    } finally {
      again.close();
    }
  }

  private void awaitRestart(Engine engine, Seen before) {
    var deadline = Instant.now().plusSeconds(20);
    while (engine.containers(Map.of(Labels.PLATFORM, platform)).stream()
        .noneMatch(seen -> seen.isRunning() && !seen.phase().equals(before.phase()))) {
      assertThat(Instant.now()).as("waiting for the restart").isBefore(deadline);
      LockSupport.parkNanos(50_000_000);
    }
  }

  @Test
  void pulls_that_hang_hold_up_nothing_else(@TempDir Path layer)
      throws InterruptedException, IOException {
    rack.close();
    try (var registry = new HoldingRegistry(layer, Duration.ofMinutes(2));
        var engine = Engine.connect()) {
      config = config(registry.address());
      TestImage.run(
          List.of("docker", "tag", REGISTRY + "/" + IMAGE, registry.address() + "/" + IMAGE));
      rack = RackRunner.start(config);
      try {
        var old = worker("s1", 1, "exec sleep 300");
        controller.define(definition(blue, 1, List.of(old), List.of()));
        controller.await(blue, is("s1-1", State.READY));
        var image = registry.image().substring(registry.address().length() + 1);
        var held = Samples.set("s2", "held", 8, Samples.spec(image, 0, List.of("/file")));
        controller.define(definition(blue, 2, List.of(old), List.of(held)));
        controller.await(blue, report -> pulling(report) == 8);

        var seen = engine.containers(Map.of(Labels.PLATFORM, platform)).getFirst();
        engine.signal(seen.container(), "KILL");

        awaitRestart(engine, seen);
        assertThat(pulling(controller.await(blue, is("s1-1", State.READY)))).isEqualTo(8);
      } finally {
        rack.close();
        TestImage.remove(registry.address() + "/" + IMAGE);
      }
    }
  }

  private static long pulling(EnvironmentReport report) {
    return report.instances().stream().filter(one -> one.state() == State.PULLING).count();
  }

  @Test
  @Tag("DEP-13")
  void a_job_runs_once_across_a_restart_and_goes_when_it_is_not_wanted()
      throws InterruptedException, IOException {
    var job = runJob(blue, 1, false, "/bin/sh", "-c", "echo migrated; exit 4");
    assertThat(job.exitCode()).isEqualTo(4);
    rack.close();
    controller.forgetReports();
    rack = RackRunner.start(config);
    controller.define(definition(blue, 2, List.of(web("s1")), List.of(), jobOf(1)));
    controller.await(blue, is("s1-1", State.READY));

    assertThat(String.join("\n", logs(blue))).containsOnlyOnce("migrated");
    controller.define(definition(blue, 3, List.of(web("s1")), List.of()));
    awaitContainers(1);
    assertThat(String.join("\n", logs(blue))).containsOnlyOnce("migrated");
  }

  private static Job jobOf(long revision) {
    var spec = spec(0, 5, false, "/bin/sh", "-c", "echo migrated; exit 4");
    return new Job("job-" + revision, "shop", "release", "v1", spec, 30);
  }

  @Test
  @Tag("ENV-3")
  void a_deleted_environment_leaves_nothing() throws InterruptedException {
    controller.define(
        definition(
            blue, 1, List.of(web("s1"), worker("s2", 1, "trap '' TERM; sleep 99")), List.of()));
    controller.await(blue, now -> is("s1-1", State.READY).and(is("s2-1", State.READY)).test(now));
    assertThat(TestImage.run(List.of("iptables-save"))).contains("wm-" + platform + blue);

    controller.define(deleted(blue, 2));
    controller.await(blue, EnvironmentReport::gone);

    assertThat(TestImage.run(List.of("docker", "network", "ls"))).doesNotContain(platform);
    assertThat(TestImage.run(List.of("docker", "ps", "-a"))).doesNotContain("wm-" + platform);
    assertThat(TestImage.run(List.of("iptables-save"))).doesNotContain(blue);
    assertThat(config.data().resolve("logs").resolve(blue)).doesNotExist();
    assertThat(config.data().resolve("resolv").resolve(blue)).doesNotExist();
  }

  @Test
  void an_environment_that_left_the_inventory_goes() throws InterruptedException {
    controller.define(definition(blue, 1, List.of(worker("s1", 1, "sleep 99")), List.of()));
    controller.await(blue, is("s1-1", State.READY));

    controller.forget(blue);

    awaitContainers(0);
  }

  @Test
  @Tag("DEP-9")
  void sigterm_reaches_what_a_shell_started_and_the_grace_ends_in_sigkill()
      throws InterruptedException {
    var gentle =
        "perl -e '$|=1; $SIG{TERM}=sub{print qq(got SIGTERM\\n"
            + "); exit 0}; print qq(up\\n"
            + "); sleep 99'; true";
    var sets =
        List.of(
            worker("s1", 30, gentle),
            Samples.set(
                "s2",
                "stubborn",
                1,
                spec(0, 1, false, "/bin/perl", "-e", "$SIG{TERM}='IGNORE'; sleep 1 while 1")));
    controller.define(definition(blue, 1, sets, List.of()));
    controller.await(blue, is("s1-1", State.READY).and(is("s2-1", State.READY)));

    controller.define(definition(blue, 2, List.of(), List.of()));
    controller.await(blue, now -> now.revision() == 2 && now.instances().isEmpty());

    awaitContainers(0);
    assertThat(String.join("\n", logs(blue))).contains("got SIGTERM");
  }

  @Test
  @Tag("LOG-1")
  void logs_are_followed_and_lines_survive_a_restart_once()
      throws InterruptedException, IOException {
    var script =
        "perl -e '$|=1; for (1..99) { print qq(line $_ of it\\n); select undef,undef,undef,0.3 }'";
    controller.define(definition(blue, 1, List.of(worker("s1", 1, script)), List.of()));
    controller.await(blue, is("s1-1", State.READY));
    controller.send(
        new RackMessage.Logs("q2", blue, Instant.EPOCH, true, "shop", "worker", "worker.1"));
    var followed =
        controller.awaitAnswer(
            lines -> lines.stream().anyMatch(line -> line.contains("line 8 of it")));
    assertThat(String.join("\n", followed)).containsOnlyOnce("line 1 of it");

    rack.close();
    controller.forgetReports();
    rack = RackRunner.start(config);
    var rest = controller.awaitAnswer(lines -> lines.contains("END"));
    assertThat(rest).isNotEmpty();
    controller.awaitStream();
    controller.await(blue, is("s1-1", State.READY));
    controller.send(new RackMessage.Logs("q3", blue, Instant.EPOCH, true, null, null, null));
    var all =
        controller.awaitAnswer(
            lines -> lines.stream().anyMatch(line -> line.contains("line 15 of it")));
    for (var number = 1; number < 15; number++) {
      assertThat(String.join("\n", all)).containsOnlyOnce("\"line " + number + " of it\"");
    }
  }

  @Test
  void what_a_newer_controller_says_beside_is_left_out() throws InterruptedException {
    var message = new RackMessage.Definition(definition(blue, 1, List.of(web("s1")), List.of()));
    var newer = Json.MAPPER.valueToTree(message);
    addNovelty(newer);
    assertThat(newer.toString()).contains("\"novelty\":");
    controller.awaitStream();

    controller.sendLine("{\"type\":\"lullaby\",\"verses\":[1,2]}");
    controller.sendLine(newer.toString());

    controller.await(blue, is("s1-1", State.READY));
  }

  /// To every object in it.
  private static void addNovelty(JsonNode node) {
    node.forEach(RackRunnerTest::addNovelty);
    if (node instanceof ObjectNode object) {
      object.put("novelty", "1");
    }
  }

  @Test
  void the_socket_is_ours_alone() throws IOException {
    assertThat(Files.getPosixFilePermissions(config.socket()))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }
}

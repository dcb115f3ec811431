package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.api.rack.RackSurvey;
import dev.widemesh.api.rack.RackSurvey.Container;
import dev.widemesh.api.rack.RackSurvey.Network;
import dev.widemesh.api.rack.RackSurvey.Routed;
import dev.widemesh.api.rack.RackSurvey.Router;
import dev.widemesh.api.rack.RackSurvey.Rules;
import dev.widemesh.api.rack.RackSurvey.Table;
import dev.widemesh.api.rack.RouteTable.Role;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// One instance of one service in one environment; each test lets one thing disagree.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RackExaminationTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Container WEB =
      new Container("c1", "wm-web", "running", "10.0.0.2", "shop0000", "set-1", "", "");
  private static final Routed ROUTED =
      new Routed("shop0000", "set-1", "10.0.0.2", 8080, Role.CURRENT);
  private static final Network NETWORK = new Network("wm-net", "shop0000");
  private static final Router ROUTER = new Router("r1", 7, List.of("set-1"));
  private static final RackSurvey.Environment BOOK =
      new RackSurvey.Environment(
          "shop0000", false, Map.of("10.0.0.2", "wm-web"), List.of(), Map.of(), List.of("set-1"));

  private List<Container> containers = List.of(WEB);
  private List<Network> networks = List.of(NETWORK);
  private RackSurvey.Environment book = BOOK;
  private List<Routed> routed = List.of(ROUTED);
  private Router router = ROUTER;
  private Rules rules = new Rules(List.of(), List.of());
  private Map<String, List<String>> remembered = Map.of("shop0000", List.of("a ledger"));
  private boolean deleted;

  @Test
  void nothing_is_found_where_all_agrees() {
    assertThat(findings()).isEmpty();
  }

  @Test
  void an_instance_that_runs_twice() {
    containers =
        List.of(
            WEB,
            new Container("c2", "wm-twin", "running", "10.0.0.3", "shop0000", "set-1", "", ""));
    book = book(Map.of("10.0.0.2", "wm-web", "10.0.0.3", "wm-twin"), Map.of(), List.of("set-1"));
    assertFound("containers wm-web and wm-twin are the same instance");
  }

  @Test
  void an_instance_that_does_not_run_and_nothing_says_why() {
    containers = List.of();
    routed = List.of();
    router = new Router("r1", 7, List.of());
    book = book(Map.of(), Map.of(), List.of("set-1"));
    assertThat(findings()).isEmpty();
    book = book(Map.of(), Map.of(), List.of());
    assertFound("environment shop: instance set-1 does not run, and nothing says why");
  }

  @Test
  void a_container_that_leaves_may_stay_until_its_time() {
    var old = new Container("c0", "wm-old", "running", "10.0.0.9", "shop0000", "before-1", "", "");
    containers = List.of(WEB, old);
    var addresses = Map.of("10.0.0.2", "wm-web", "10.0.0.9", "wm-old");
    book = book(addresses, Map.of("c0", NOW.plusSeconds(1)), List.of("set-1"));
    assertThat(findings()).isEmpty();
    book = book(addresses, Map.of("c0", NOW.minusSeconds(1)), List.of("set-1"));
    assertFound("container wm-old belongs to nothing that is wanted");
  }

  @Test
  void an_address_of_nobody_and_one_of_somebody_else() {
    book = book(Map.of("10.0.0.2", "wm-gone"), Map.of(), List.of("set-1"));
    assertFound(
        "address 10.0.0.2 is held for wm-gone, which does not exist",
        "container wm-web has the address 10.0.0.2, which was given to wm-gone");
  }

  @Test
  void a_network_that_is_missing_and_one_too_many() {
    networks = List.of(new Network("wm-other", "other000"));
    assertFound("environment shop has no network", "network wm-other belongs to no environment");
  }

  @Test
  void rules_and_memories() {
    rules = new Rules(List.of("IN -j REJECT"), List.of("IN -j ACCEPT"));
    remembered = Map.of("other000", List.of("logs", "a subnet"));
    assertFound(
        "the firewall lacks: IN -j REJECT",
        "the firewall has in our chains: IN -j ACCEPT",
        "the rack keeps logs, a subnet of environment other000, which does not exist");
  }

  @Test
  void requests_that_go_where_nobody_is() {
    routed = List.of(new Routed("shop0000", "set-1", "10.0.0.7", 8080, Role.CURRENT));
    assertFound("requests go to 10.0.0.7 for instance set-1, which does not run there");
  }

  @Test
  void an_instance_that_runs_but_takes_no_requests() {
    routed = List.of(new Routed("shop0000", "set-1", "10.0.0.2", 8080, Role.CANDIDATE));
    assertFound("environment shop: instance set-1 runs but takes no requests");
  }

  @Test
  void a_router_that_is_behind_or_knows_others() {
    router = new Router("r1", 6, List.of("set-1"));
    assertFound("router r1 routes by an older table");
    router = new Router("r1", 7, List.of("set-9"));
    assertFound("router r1 knows other instances than the table");
  }

  @Test
  void what_is_left_of_a_deleted_environment() {
    deleted = true;
    assertFound(
        "container wm-web belongs to nothing that is wanted",
        "environment shop0000 is routed, but does not exist");
  }

  private static RackSurvey.Environment book(
      Map<String, String> leases, Map<String, Instant> leaving, List<String> accounted) {
    return new RackSurvey.Environment("shop0000", false, leases, List.of(), leaving, accounted);
  }

  private void assertFound(String... what) {
    assertThat(findings()).extracting(Finding::what).containsExactlyInAnyOrder(what);
  }

  private Set<Finding> findings() {
    var survey =
        new RackSurvey(
            List.of(),
            new Survey.Disk("/data", 1, 1),
            new RackSurvey.Docker("29", true),
            containers,
            networks,
            List.of(book),
            remembered,
            new Table(7, List.of("shop0000"), routed, List.of(router)),
            rules);
    var wanted = List.of(definition());
    var found = new HashSet<>(RackExamination.of("home", wanted, survey, NOW));
    found.addAll(RouteExamination.of("home", wanted, survey));
    return found;
  }

  private EnvironmentDefinition definition() {
    var spec =
        new InstanceSpec(
            "apps/x@sha256:1",
            List.of("run"),
            Map.of(),
            8080,
            new InstanceSpec.Readiness(InstanceSpec.Readiness.Kind.PORT, null, 1),
            1,
            1,
            1,
            30,
            false);
    var set = new InstanceSet("set", "shop", "web", "shop-web", "v0", 1, spec);
    return new EnvironmentDefinition(
        "shop0000", "shop", 1, deleted, List.of(set), List.of(), List.of(), List.of());
  }
}

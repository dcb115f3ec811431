package dev.widemesh.controller;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views;
import dev.widemesh.api.Views.Finding;
import dev.widemesh.api.rack.RackSurvey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Asks every part what really is there, and compares that with PostgreSQL.
///
/// Work goes on meanwhile, so the parts are asked again and again for a while: only what every look
/// showed is a finding. What is between two states is seen once or twice, what is wrong stays.
final class Doctor {
  private static final Duration LOOKS = Duration.ofSeconds(8);
  private static final Duration PAUSE = Duration.ofMillis(700);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /// For images that the first look had no time for. With all else it ends before a client gives
  /// up.
  private static final Duration IMAGES = Duration.ofSeconds(15);

  private static final int AT_ONCE = 2;
  private static final int MOST = 500;

  private final Database database;
  private final Definitions definitions;
  private final Surveys surveys;
  private final Overview overview;
  private final Signals signals;
  private final InstantSource clock;
  private int examining;

  Doctor(
      Database database,
      Definitions definitions,
      Surveys surveys,
      Overview overview,
      Signals signals,
      InstantSource clock) {
    this.database = database;
    this.definitions = definitions;
    this.surveys = surveys;
    this.overview = overview;
    this.signals = signals;
    this.clock = clock;
  }

  /// What one look showed.
  private record Look(Set<Finding> findings, Set<Finding> advice, Map<String, Integer> compared) {
    Look() {
      this(new HashSet<>(), new HashSet<>(), new TreeMap<>());
    }

    void count(String kind, int more) {
      compared.merge(kind, more, Integer::sum);
    }
  }

  Answer examine(Call call) {
    if (examining >= AT_ONCE) {
      throw Refusal.unavailable(
          "doctor-busy", "two others are examining this platform", "try again in half a minute");
    }
    examining++;
    try {
      return Answer.of(checkup(call.flag("invariants")));
    } finally {
      examining--;
    }
  }

  private Views.Checkup checkup(boolean invariants) {
    var images = new ImageLooks();
    var deadline = clock.instant().plus(LOOKS);
    var look = look(invariants, images);
    deadline = deadline.plus(rest(images));
    var lasting = new HashSet<>(look.findings());
    while ((!lasting.isEmpty() || images.hasSuspects()) && clock.instant().isBefore(deadline)) {
      Signals.await(signals.next("doctor"), PAUSE);
      look = look(invariants, images);
      lasting.retainAll(look.findings());
    }
    lasting.addAll(images.findings());
    if (invariants) {
      look.count("images", images.looked());
    }
    return new Views.Checkup(sorted(lasting), sorted(look.advice()), Map.copyOf(look.compared()));
  }

  /// The images that the first look had no time for, as long as it goes on. Answers how long it
  /// took.
  private Duration rest(ImageLooks images) {
    var began = clock.instant();
    var before = 0;
    while (before < images.looked()
        && !images.unseen().isEmpty()
        && clock.instant().isBefore(began.plus(IMAGES))) {
      before = images.looked();
      var asked = images.unseen();
      surveys
          .await(surveys.builds(asked), ANSWER)
          .ifPresent(answer -> images.answered(asked, answer.images()));
    }
    return Duration.between(began, clock.instant());
  }

  private static List<Finding> sorted(Set<Finding> findings) {
    return findings.stream()
        .sorted(Comparator.comparing(Finding::part).thenComparing(Finding::what))
        .limit(MOST)
        .toList();
  }

  private Look look(boolean invariants, ImageLooks images) {
    var look = new Look();
    var wanted = database.call(tx -> Wanted.read(tx, definitions));
    var git = surveys.git();
    var open = images.open(invariants ? wanted.images() : List.of());
    var builds = surveys.builds(open);
    var racks = new HashMap<String, Surveys.Asked<RackSurvey>>();
    wanted.racks().keySet().forEach(rack -> racks.put(rack, surveys.rack(rack)));
    var deadline = clock.instant().plus(ANSWER);
    if (invariants) {
      rows(look, wanted);
    }
    answered(look, "git-gateway", git, deadline)
        .ifPresent(survey -> git(look, wanted, survey, invariants));
    var built = answered(look, "builder", builds, deadline);
    built.ifPresent(survey -> images.answered(open, survey.images()));
    built.ifPresent(survey -> builds(look, wanted, survey, invariants));
    racks.forEach(
        (rack, asked) ->
            answered(look, "rack " + rack, asked, deadline)
                .ifPresent(survey -> rack(look, wanted, rack, survey, built, invariants)));
    return look;
  }

  private <T> Optional<T> answered(
      Look look, String part, Surveys.Asked<T> asked, java.time.Instant deadline) {
    var answer = surveys.await(asked, Duration.between(clock.instant(), deadline));
    if (answer.isEmpty()) {
      look.findings().addAll(HealthExamination.silent(part));
    }
    return answer;
  }

  private static void rows(Look look, Wanted wanted) {
    var findings = Findings.about("controller");
    wanted
        .rows()
        .forEach(
            row ->
                findings.add(
                    row.what(), "end the control process: the next one goes on where it stopped"));
    look.findings().addAll(findings.all());
    look.count("stacks", wanted.stacks().size());
    look.count("builds", wanted.building().size());
  }

  private static void git(Look look, Wanted wanted, Survey.Git survey, boolean invariants) {
    look.findings().addAll(HealthExamination.git(survey));
    if (invariants) {
      look.findings().addAll(GitExamination.of(wanted, survey));
      look.count("repositories", survey.repositories().size());
      survey.repositories().forEach(each -> look.count("refs", each.refs().size()));
    }
  }

  private static void builds(Look look, Wanted wanted, Survey.Build survey, boolean invariants) {
    look.findings().addAll(HealthExamination.builds(survey));
    if (invariants) {
      look.findings().addAll(BuildExamination.of(wanted, survey));
    }
  }

  private void rack(
      Look look,
      Wanted wanted,
      String rack,
      RackSurvey survey,
      Optional<Survey.Build> built,
      boolean invariants) {
    look.findings().addAll(HealthExamination.rack(rack, survey));
    look.advice().addAll(HealthExamination.advice(rack, survey));
    if (overview.isBehind(rack)) {
      look.findings().addAll(HealthExamination.behind(rack));
    }
    if (!invariants || !survey.troubles().isEmpty()) {
      return; // What cannot be seen is not compared.
    }
    var environments = wanted.racks().getOrDefault(rack, new ArrayList<>());
    look.findings().addAll(RackExamination.of(rack, environments, survey, clock.instant()));
    look.findings().addAll(RouteExamination.of(rack, environments, survey));
    built.ifPresent(
        builds -> look.findings().addAll(BuildExamination.containers(builds, survey.containers())));
    look.count("environments", environments.size());
    look.count("containers", survey.containers().size());
    look.count("networks", survey.networks().size());
    look.count("routes", survey.table().instances().size());
    survey.environments().forEach(book -> look.count("addresses", book.leases().size()));
  }
}

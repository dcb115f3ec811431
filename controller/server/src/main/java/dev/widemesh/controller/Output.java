package dev.widemesh.controller;

import static dev.widemesh.controller.Tokens.at;

import dev.widemesh.api.Cause;
import dev.widemesh.api.OutputLine;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.model.DeploymentState;
import io.vertx.sqlclient.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/// What a deployment prints, line by line, numbered without gaps.
final class Output {
  private static final int LINE_LIMIT = 10_000;
  private static final long LINES_LIMIT = 250_000;
  private static final int PAGE = 500;

  private Output() {}

  static void add(Tx tx, UUID deployment, DeploymentState phase, Draft... lines) {
    add(tx, deployment, phase, List.of(lines));
  }

  /// Beyond the limit nothing is recorded.
  static void add(Tx tx, UUID deployment, DeploymentState phase, List<Draft> lines) {
    if (lines.isEmpty()) {
      return;
    }
    tx.change(
        """
        WITH counted AS (
          UPDATE deployment SET lines = lines + $2
           WHERE id = $1 AND lines + $2 <= $7
          RETURNING lines - $2 AS before)
        INSERT INTO deployment_output (deployment, sequence, at, phase, kind, text)
        SELECT $1, before + n, $3, $4, kind, text
          FROM counted, unnest($5::text[], $6::text[]) WITH ORDINALITY AS line(kind, text, n)
        """,
        deployment,
        (long) lines.size(),
        at(Instant.now()),
        phase.word(),
        lines.stream().map(line -> line.kind().name()).toArray(String[]::new),
        lines.stream().map(line -> clean(line.text())).toArray(String[]::new),
        LINES_LIMIT);
  }

  private static String clean(String text) {
    var line = text.replace("\0", "");
    return line.length() > LINE_LIMIT ? line.substring(0, LINE_LIMIT) + "..." : line;
  }

  static List<OutputLine> after(Tx tx, UUID deployment, long sequence) {
    return tx.list(
        Output::line,
        """
        SELECT sequence, at, phase, kind, text FROM deployment_output
         WHERE deployment = $1 AND sequence > $2 ORDER BY sequence LIMIT
        """
            + PAGE,
        deployment,
        sequence);
  }

  private static OutputLine line(Row row) {
    return new OutputLine(
        row.getLong(0),
        row.getOffsetDateTime(1).toInstant(),
        row.getString(2),
        OutputLine.Kind.valueOf(row.getString(3)),
        row.getString(4));
  }

  /// Cause, evidence that was not printed before, and the next step.
  static void failure(Tx tx, Deployment deployment, Cause cause) {
    var printed = new HashSet<String>();
    for (var line : after(tx, deployment.id(), Math.max(0, deployment.lines() - 200))) {
      printed.add(line.text().strip());
      printed.add(line.render().strip()); // as a build wrote it
    }
    var lines = new ArrayList<Draft>();
    if (!cause.evidence().stream().allMatch(seen -> printed.contains(seen.strip()))) {
      var evidence = cause.evidence();
      evidence.subList(Math.max(0, evidence.size() - 20), evidence.size()).stream()
          .map(Draft::detail)
          .forEach(lines::add);
    }
    lines.add(Draft.refusal(cause.summary()));
    lines.add(Draft.refusal("Try: " + cause.nextStep()));
    add(tx, deployment.id(), deployment.state(), lines);
  }
}

package dev.widemesh.cli;

import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views.LogLine;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class Logs implements Command {
  private static final Duration LISTEN = Duration.ofSeconds(60);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());
  private static final List<Colour> PALETTE =
      List.of(Colour.CYAN, Colour.GREEN, Colour.YELLOW, Colour.MAGENTA, Colour.BLUE);

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = Since.class,
      description = "How far to look back: 1h, 15m, 30s. Default: 1m.")
  Duration since = Duration.ofMinutes(1);

  @Option(names = "--no-follow", description = "Stop at the newest line.")
  boolean noFollow;

  @Option(names = "--service", paramLabel = "SERVICE", description = "Only this service.")
  @Nullable String service;

  @Option(names = "--instance", paramLabel = "INSTANCE", description = "Only this one, e.g. web.1.")
  @Nullable String instance;

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  private Instant newest = Instant.EPOCH;

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var environment = target.environment(mesh);
    var controller = mesh.controller();
    var reconnect = new Reconnect(mesh, controller);
    while (true) {
      try (var lines = reconnect.open(path(environment))) {
        show(mesh, lines, reconnect);
      }
      if (noFollow || mesh.terminal().out().checkError() || reconnect.exhausted()) {
        return ExitCode.OK;
      }
      reconnect.pause();
    }
  }

  /// After a broken connection it goes on where it stopped.
  private String path(String environment) {
    var seconds =
        newest.equals(Instant.EPOCH)
            ? since.toSeconds()
            : Math.max(1, Duration.between(newest, Instant.now()).toSeconds() + 1);
    var path = new StringBuilder(Route.LOGS.with(environment));
    path.append("?since=").append(seconds).append("&follow=").append(!noFollow);
    target.stackOption().ifPresent(stack -> add(path, "stack", stack));
    add(path, "service", service);
    add(path, "instance", instance);
    return path.toString();
  }

  private static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append('&').append(name).append('=');
      path.append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }

  private void show(Session mesh, StreamedLines lines, Reconnect reconnect) {
    var resumed = newest;
    while (!mesh.terminal().out().checkError()) {
      switch (lines.next(LISTEN)) {
        case Heard.Silence _ -> reconnect.heard();
        case Heard.End _ -> {
          return;
        }
        case Heard.Line(var text) -> {
          reconnect.heard();
          if (!text.isBlank()) {
            print(mesh, text, resumed);
          }
        }
      }
    }
  }

  private void print(Session mesh, String text, Instant resumed) {
    var line = Json.read(text, LogLine.class);
    if (!line.at().isAfter(resumed)) {
      return;
    }
    newest = line.at().isAfter(newest) ? line.at() : newest;
    mesh.say(format.json ? text : rendered(mesh.terminal(), line));
  }

  private static String rendered(Terminal terminal, LogLine line) {
    var origin = line.instance().isBlank() ? line.service() : line.instance();
    var who = line.stack().isBlank() ? line.source() : line.stack() + "/" + origin;
    var colour = PALETTE.get(Math.floorMod(who.hashCode(), PALETTE.size()));
    return terminal.paint(Colour.DIM, TIME.format(line.at()))
        + " "
        + terminal.paint(colour, terminal.tame(who) + " |")
        + " "
        + terminal.tame(line.text());
  }
}

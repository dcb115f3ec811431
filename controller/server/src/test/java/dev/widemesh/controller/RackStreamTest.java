package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.RackMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a rack is told while much changes at once.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class RackStreamTest {
  private final Platform platform = Platform.start();

  @Test
  void what_changed_between_the_list_and_the_reading_is_told_too() throws Exception {
    try (platform;
        var change = DriverManager.getConnection(platform.jdbc());
        var statement = change.createStatement()) {
      create("first");
      create("second");
      var told = Long.parseLong(platform.read("SELECT max(revision) FROM environment"));
      platform.sql(revision("first", told + 1));
      change.setAutoCommit(false);
      statement.execute(revision("first", told + 3));

      // Lists the first alone, and waits for that change before it can read it.
      var heard = new FutureTask<>(() -> definitionsAfter(told));
      Thread.ofVirtual().start(heard);
      platform.awaitReading();
      platform.sql(revision("second", told + 2));
      change.commit();

      assertThat(heard.get(30, TimeUnit.SECONDS))
          .startsWith("first " + (told + 3), "second " + (told + 2));
    }
  }

  private void create(String name) {
    var wish = new Views.CreateEnvironment(name, null);
    platform.admin().send("POST", Route.CREATE_ENVIRONMENT.path(), wish, Views.Environment.class);
  }

  private static String revision(String environment, long revision) {
    return "UPDATE environment SET revision = %d WHERE name = '%s'"
        .formatted(revision, environment);
  }

  /// Until there is nothing more to tell.
  private List<String> definitionsAfter(long revision) throws IOException {
    var heard = new ArrayList<String>();
    var path = Route.RACK_STREAM.path() + "?node=n1&after=" + revision;
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                platform.client(Platform.RACK).stream(path), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        switch (Json.read(line, RackMessage.class)) {
          case RackMessage.Definition(var definition) ->
              heard.add(definition.name() + " " + definition.revision());
          case RackMessage.Beat _ -> {
            return heard;
          }
          case RackMessage.Inventory _,
              RackMessage.Certificates _,
              RackMessage.Logs _,
              RackMessage.Inspect _ -> {}
        }
      }
    }
    return heard;
  }
}

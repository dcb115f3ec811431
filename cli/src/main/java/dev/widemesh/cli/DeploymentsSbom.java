package dev.widemesh.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.widemesh.api.ApiException;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class DeploymentsSbom implements Command {
  /// Large images are read for minutes, once.
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the CycloneDX document there instead.")
  @Nullable String output;

  @Mixin final DeploymentChoice choice = new DeploymentChoice();

  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var deployment = choice.get(mesh);
    var document = document(mesh, deployment);
    if (output != null) {
      PrivateFile.write(mesh.path(output), document + "\n");
      mesh.note("Wrote %s: %s".formatted(output, count(document)));
    } else if (format.json) {
      mesh.terminal().json(document);
    } else {
      print(mesh, deployment, document);
    }
    return ExitCode.OK;
  }

  private static JsonNode document(Session mesh, DeploymentView deployment) {
    var path =
        Route.GET_SBOM.with(
            deployment.environment(), deployment.stack(), String.valueOf(deployment.version()));
    var end = Instant.now().plus(PATIENCE);
    for (var isTold = false; ; isTold = true) {
      try {
        return mesh.controller().get(path, JsonNode.class);
      } catch (ApiException e) {
        if (!e.problem().code().equals("sbom-under-way") || Instant.now().isAfter(end)) {
          throw e;
        }
        if (!isTold) {
          mesh.note("Reading what is in the image of %s".formatted(deployment.label()));
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void print(Session mesh, DeploymentView deployment, JsonNode document) {
    var table = Table.of("NAME", "VERSION", "TYPE", "LICENCE");
    for (var component : document.path("components")) {
      table.row(
          name(component),
          Shown.orDash(component.path("version").asText("")),
          type(component),
          Shown.orDash(licence(component.path("licenses").path(0))));
    }
    table.print(mesh.terminal());
    mesh.note("%s in the image of %s.".formatted(count(document), deployment.label()));
    for (var property : document.path("properties")) {
      if (property.path("name").asText("").equals("widemesh:unread")) {
        mesh.note("Not read: " + mesh.terminal().tame(property.path("value").asText("")));
      }
    }
  }

  private static String count(JsonNode document) {
    var count = document.path("components").size();
    return count == 1 ? "1 component" : "%d components".formatted(count);
  }

  private static String name(JsonNode component) {
    var group = component.path("group").asText("");
    var name = component.path("name").asText("");
    return group.isEmpty() ? name : group + "/" + name;
  }

  /// Where it comes from, if that is known: `npm`, `deb`.
  private static String type(JsonNode component) {
    var purl = component.path("purl").asText("");
    var slash = purl.indexOf('/');
    return purl.startsWith("pkg:") && slash > 0
        ? purl.substring("pkg:".length(), slash)
        : component.path("type").asText("");
  }

  private static String licence(JsonNode choice) {
    var licence = choice.path("license");
    var name = licence.path("id").asText(licence.path("name").asText(""));
    return choice.path("expression").asText(name);
  }
}

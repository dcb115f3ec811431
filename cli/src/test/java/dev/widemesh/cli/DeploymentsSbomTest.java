package dev.widemesh.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Json;
import dev.widemesh.api.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-10")
class DeploymentsSbomTest {
  private static final String V4 = Samples.STACK + "/deployments/4";
  private static final String SBOM = "GET " + V4 + "/sbom";
  private static final String BILL =
      """
      {"bomFormat":"CycloneDX","components":[
      {"type":"library","name":"libc6","version":"2.41","purl":"pkg:deb/debian/libc6@2.41"},
      {"type":"library","group":"@a","name":"b","version":"1.0.0","purl":"pkg:npm/%40a/b@1.0.0",
      "licenses":[{"expression":"MIT"}]},{"type":"operating-system","name":"debian"}],
      "properties":[{"name":"widemesh:unread","value":"a.jar: it is no archive\\u001b[2J"}]}
      """;

  @TempDir Path root;
  private FakeController controller;
  private Shell shell;

  @BeforeEach
  void start() throws IOException {
    controller = new FakeController();
    shell = new Shell(root).signedInAt(controller).in("shop", "web");
    controller.answers("GET " + V4, Samples.deployment(4, "live"));
  }

  @AfterEach
  void stop() {
    controller.close();
  }

  @Test
  void it_is_a_table_or_the_document_itself() throws IOException {
    controller.answers(SBOM, BILL);

    var table = shell.mesh("deployments", "sbom", "v4");
    assertThat(table.code()).isEqualTo(ExitCode.OK);
    assertThat(table.out().lines().map(String::strip))
        .containsExactly(
            "NAME    VERSION  TYPE              LICENCE",
            "libc6   2.41     deb               -",
            "@a/b    1.0.0    npm               MIT",
            "debian  -        operating-system  -");
    assertThat(table.err())
        .contains("3 components in the image of v4.", "Not read: a.jar: it is no archive")
        .doesNotContain("\u001b[2J");

    var json = shell.mesh("deployments", "sbom", "v4", "--json").out();
    assertThat(Json.MAPPER.readTree(json)).isEqualTo(Json.MAPPER.readTree(BILL));
  }

  @Test
  void it_goes_to_a_file() throws IOException {
    controller.answers(SBOM, BILL);

    var written = shell.mesh("deployments", "sbom", "v4", "--output", "bill.json");

    assertThat(written.out()).isEmpty();
    assertThat(written.err()).contains("Wrote bill.json: 3 components");
    var file = shell.directory.resolve("bill.json");
    assertThat(Json.MAPPER.readTree(Files.readString(file))).isEqualTo(Json.MAPPER.readTree(BILL));
  }

  @Test
  void it_waits_while_the_image_is_read_and_tells_other_refusals() {
    controller
        .refuses(SBOM, 503, new Problem("sbom-under-way", "it is being read", "ask again"))
        .answers(SBOM, BILL);
    var waited = shell.mesh("deployments", "sbom", "v4");
    assertThat(waited.code()).isEqualTo(ExitCode.OK);
    assertThat(waited.err()).contains("Reading what is in the image of v4");

    controller.answers("GET " + Samples.STACK + "/deployments/1", Samples.deployment(1, "live"));
    controller.refuses(
        "GET " + Samples.STACK + "/deployments/1/sbom",
        404,
        new Problem("image-collected", "the image of v1 is gone", "deploy it again"));
    var gone = shell.mesh("deployments", "sbom", "v1");
    assertThat(gone.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(gone.err()).contains("the image of v1 is gone", "try: deploy it again");
  }
}

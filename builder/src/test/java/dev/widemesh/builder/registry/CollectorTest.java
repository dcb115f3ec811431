package dev.widemesh.builder.registry;

import static dev.widemesh.builder.registry.RegistryClient.digest;
import static dev.widemesh.builder.registry.RegistryClient.index;
import static dev.widemesh.builder.registry.RegistryClient.manifest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.image.RunningRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is collected, and what is not. Whoever pushes here has all rights; a rack only reads.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CollectorTest {
  @TempDir private Path folder;
  private RunningRegistry running;
  private RegistryClient client;

  @BeforeEach
  void start() {
    running = RunningRegistry.in(folder.resolve("store"));
    client = RegistryClient.of(running, RunningRegistry.PUSHER);
  }

  @AfterEach
  void stop() {
    client.close();
    running.close();
  }

  private void collect(String... kept) {
    running.registry().collect(Set.of(kept), Instant.now());
  }

  private boolean isWhole(String reference) throws IOException {
    return running.registry().lacks(reference).isEmpty();
  }

  private Path content(String blob) {
    return folder.resolve("store/blobs/sha256").resolve(digest(blob).substring(7));
  }

  @Test
  void what_kept_images_need_stays_with_their_referrers_and_the_rest_goes_after_the_grace()
      throws Exception {
    var kept = "a@" + client.image("a", "kept");
    var sbom = manifest(client.push("a", "sbom"), kept.substring(2), "application/sbom");
    client.put("a", digest(sbom), sbom);
    var dropped = manifest(client.push("a", "dropped"), "", "");
    client.put("a", "latest", dropped);
    var gone = "a@" + digest(dropped);

    running.registry().collect(Set.of(kept), Instant.now().minus(Duration.ofHours(1)));
    assertThat(isWhole(gone)).as("within the grace").isTrue();
    collect(kept);

    assertThat(running.registry().lacks(gone)).isNotEmpty();
    assertThat(client.call("HEAD", "/v2/a/blobs/" + digest("dropped")).statusCode()).isEqualTo(404);
    assertThat(client.tags("/v2/a/tags/list")).isEmpty();
    assertThat(content("dropped")).doesNotExist();
    assertThat(isWhole(kept)).isTrue();
    assertThat(isWhole("a@" + digest(sbom))).isTrue();
  }

  @Test
  void an_image_that_was_just_used_keeps_its_parts_however_old_they_are() throws Exception {
    var image = client.image("a", "old");
    var all = index(image);
    client.put("a", "all", all);
    var since = Instant.now();

    assertThat(client.call("HEAD", "/v2/a/manifests/all").statusCode()).isEqualTo(200);
    running.registry().collect(Set.of(), since);
    assertThat(isWhole("a@" + digest(all))).isTrue();

    collect();
    assertThat(isWhole("a@" + digest(all))).isFalse();
    assertThat(content("old")).doesNotExist();
  }

  @Test
  void a_rack_that_asks_again_and_again_keeps_nothing() throws Exception {
    var image = client.image("a", "not kept");
    var since = Instant.now();
    var rack = client.as(RunningRegistry.READER);

    for (var path : new String[] {"/manifests/" + image, "/blobs/" + digest("not kept")}) {
      assertThat(rack.call("HEAD", "/v2/a" + path).statusCode()).isEqualTo(200);
    }
    assertThat(isWhole("a@" + image)).isTrue();
    running.registry().collect(Set.of(), since);

    assertThat(rack.call("HEAD", "/v2/a/manifests/" + image).statusCode()).isEqualTo(404);
    assertThat(content("not kept")).doesNotExist();
  }

  @Test
  void a_layer_that_is_elsewhere_too_stays_with_its_image() throws Exception {
    var layer = client.push("a", "also elsewhere");
    var image =
        manifest(client.push("a", "config"), "", "")
            .replace(
                "\"layers\":[]",
                "\"layers\":[{\"mediaType\":\"l\",\"digest\":\"%s\",\"size\":1,\"urls\":[\"http://x\"]}]"
                    .formatted(layer));
    assertThat(client.put("a", "v1", image).statusCode()).isEqualTo(201);

    collect("a@" + digest(image));

    assertThat(client.call("HEAD", "/v2/a/blobs/" + layer).statusCode()).isEqualTo(200);
  }

  @Test
  void what_two_repositories_have_goes_with_the_last_and_empty_ones_are_no_more() throws Exception {
    var one = client.image("apps/one", "both");
    var two = client.image("apps/two", "both");

    collect("apps/two@" + two);
    assertThat(running.registry().lacks("apps/one@" + one)).isNotEmpty();
    assertThat(isWhole("apps/two@" + two)).isTrue();
    assertThat(client.call("GET", "/v2/apps/one/tags/list").statusCode()).isEqualTo(404);

    collect();
    assertThat(content("both")).doesNotExist();
    assertThat(Store.names(folder.resolve("store/repositories"))).isEmpty();
    assertThat(isWhole("apps/one@" + client.image("apps/one", "both"))).isTrue();
  }

  @Test
  void beside_a_damaged_manifest_nothing_is_removed_and_elsewhere_all_goes_on() throws Exception {
    var damaged = client.image("a", "unknown parts");
    client.image("b", "of b");
    Files.writeString(
        folder.resolve("store/blobs/sha256").resolve(damaged.substring(7)), "no manifest");

    collect("a@" + damaged);

    assertThat(content("unknown parts")).exists();
    assertThat(content("of b")).doesNotExist();
  }

  private Path link(String repository, String digest) {
    return folder.resolve(
        "store/repositories/%s/_manifests/%s".formatted(repository, digest.replace(':', '-')));
  }

  private List<String> held() {
    return running.registry().held();
  }

  @Test
  void a_kept_image_keeps_its_layers_though_its_manifest_is_missing_until_that_comes_again()
      throws Exception {
    for (var lost : List.of("its content", "its link")) {
      var repository = lost.replaceFirst(".* ", "of-");
      var image = client.image(repository, lost);
      client.image("other", "dropped with " + lost);
      Files.delete(
          lost.equals("its link")
              ? link(repository, image)
              : folder.resolve("store/blobs/sha256").resolve(image.substring(7)));

      collect(repository + "@" + image);

      assertThat(content(lost)).exists();
      assertThat(content("dropped with " + lost)).doesNotExist();
      assertThat(held())
          .singleElement()
          .asString()
          .startsWith("nothing is collected of " + repository + ": ")
          .contains(image);
      assertThat(running.registry().lacks(repository + "@" + image)).isNotEmpty();
      assertThat(
              client.call("HEAD", "/v2/%s/manifests/%s".formatted(repository, image)).statusCode())
          .isEqualTo(404);

      assertThat(client.image(repository, lost)).isEqualTo(image);
      assertThat(isWhole(repository + "@" + image)).isTrue();
      collect(repository + "@" + image);
      assertThat(held()).isEmpty();
    }
  }

  @Test
  void beside_a_link_or_a_tag_that_cannot_be_read_nothing_is_removed_and_elsewhere_all_goes_on()
      throws Exception {
    for (var what : List.of("link", "tag")) {
      var repository = "b-" + what;
      var kept = client.image(repository, "kept beside the " + what);
      var other = client.image(repository, "unneeded beside the " + what);
      client.image("a", "before the " + what);
      client.image("c", "after the " + what);
      if (what.equals("link")) {
        Files.writeString(link(repository, other), "{");
        Files.writeString(
            folder.resolve("store/blobs/sha256").resolve(other.substring(7)), "no manifest");
      } else {
        Files.createDirectories(
            folder.resolve("store/repositories/%s/_tags/v1".formatted(repository)));
      }

      collect(repository + "@" + kept);

      assertThat(held())
          .anyMatch(each -> each.startsWith("nothing is collected of " + repository + ": "));
      assertThat(link(repository, other)).exists();
      assertThat(content("unneeded beside the " + what)).exists();
      assertThat(isWhole(repository + "@" + kept)).isTrue();
      assertThat(content("before the " + what)).doesNotExist();
      assertThat(content("after the " + what)).doesNotExist();
    }
  }

  @Test
  void a_damaged_signature_holds_itself_and_what_may_be_its_own_until_another_takes_its_place()
      throws Exception {
    var kept = client.image("a", "kept beside it");
    var tag = kept.replace(':', '-') + ".sig";
    var signature = manifest(client.push("a", "payload"), kept, "application/signature");
    client.put("a", tag, signature);
    var gone = client.image("a", "unneeded beside it");
    Files.writeString(content(signature), "no manifest");

    collect("a@" + kept);

    assertThat(held())
        .containsExactly(
            "a keeps the manifest %s, which cannot be read, and what may be its own"
                .formatted(digest(signature)));
    assertThat(link("a", gone)).doesNotExist();
    assertThat(content("unneeded beside it")).doesNotExist();
    assertThat(content("payload")).exists();
    assertThat(isWhole("a@" + kept)).isTrue();

    client.put("a", tag, manifest(client.push("a", "new payload"), kept, "application/signature"));
    collect("a@" + kept);

    assertThat(held()).isEmpty();
    assertThat(link("a", digest(signature))).doesNotExist();
    assertThat(content("payload")).doesNotExist();
    assertThat(content("new payload")).exists();
    assertThat(client.tags("/v2/a/tags/list")).containsExactly(tag);
  }

  @Test
  void a_link_that_cannot_be_read_holds_nothing_where_the_manifest_itself_can() throws Exception {
    var kept = client.image("a", "kept beside it");
    var sbom = manifest(client.push("a", "sbom"), kept, "application/sbom");
    client.put("a", digest(sbom), sbom);
    client.image("a", "unneeded beside it");
    Files.writeString(link("a", digest(sbom)), "{");

    collect("a@" + kept);

    assertThat(held()).isEmpty();
    assertThat(content("unneeded beside it")).doesNotExist();
    assertThat(content("sbom")).exists();
    client.put("a", digest(sbom), sbom);
    assertThat(isWhole("a@" + digest(sbom))).isTrue();
  }

  @Test
  void a_tag_that_says_whom_it_is_about_and_cannot_be_read_stays_with_that_and_holds_nothing_else()
      throws Exception {
    var kept = client.image("a", "kept beside it");
    client.image("a", "unneeded beside it");
    var tag = folder.resolve("store/repositories/a/_tags/" + kept.replace(':', '-') + ".sig");
    Files.createDirectories(tag);

    collect("a@" + kept);

    assertThat(held()).singleElement().asString().startsWith("a keeps the tag sha256-");
    assertThat(content("unneeded beside it")).doesNotExist();
    assertThat(isWhole("a@" + kept)).isTrue();

    collect();
    assertThat(held()).isEmpty();
    assertThat(Store.names(folder.resolve("store/repositories"))).isEmpty();
  }

  @Test
  void nothing_is_deleted_by_request_that_a_damaged_manifest_may_need() throws Exception {
    var image = client.image("a", "its part");
    Files.delete(folder.resolve("store/blobs/sha256").resolve(image.substring(7)));
    var manager = client.as(RunningRegistry.MANAGER);
    var part = "/v2/a/blobs/" + digest("its part");

    assertThat(manager.call("DELETE", part).statusCode()).isEqualTo(405);
    assertThat(manager.call("DELETE", "/v2/a/manifests/" + image).statusCode()).isEqualTo(202);
    assertThat(manager.call("DELETE", part).statusCode()).isEqualTo(202);
  }

  @Test
  void where_one_of_the_kept_is_no_reference_nothing_is_removed() throws Exception {
    var image = client.image("a", "stays");

    assertThatThrownBy(() -> collect("a:latest")).hasMessageContaining("nothing was collected");
    assertThat(isWhole("a@" + image)).isTrue();
  }
}

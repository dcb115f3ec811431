package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.ImageSignature;
import dev.widemesh.api.SignatureManifest;
import dev.widemesh.api.rack.EnvironmentDefinition;
import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.InstanceSpec;
import dev.widemesh.model.SigningKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SignaturesTest {
  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String TWO = "sha256:" + "2".repeat(64);

  @TempDir private Path folder;
  private final SigningKey platform = SigningKey.generate();
  private final Store store = new Store();
  private Signatures signatures;

  /// What a registry has; none that answers while it is silent.
  private static final class Store implements SignatureManifest.Shelf {
    private final Map<String, byte[]> content = new HashMap<>();
    private boolean silent;

    @Override
    public Optional<byte[]> manifest(String repository, String tag) throws IOException {
      requireAnswer();
      return Optional.ofNullable(content.get(repository + ":" + tag));
    }

    @Override
    public Optional<byte[]> blob(String repository, String digest, int most) throws IOException {
      requireAnswer();
      return Optional.ofNullable(content.get(repository + "@" + digest));
    }

    private void requireAnswer() throws IOException {
      if (silent) {
        throw new IOException("Connection refused");
      }
    }

    /// A signature that stands where that of `digest` in `repository` is looked for.
    void put(String repository, String digest, ImageSignature signature) {
      var payload = "payload-" + signature.signature();
      var manifest = SignatureManifest.of(signature, payload, new Descriptor("image", digest, 100));
      content.put(repository + ":" + SignatureManifest.tag(digest), bytes(manifest));
      content.put(repository + "@" + payload, bytes(signature.payload()));
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void push() {
    for (var digest : List.of(ONE, TWO)) {
      store.content.put("apps/a:" + digest, Store.bytes("an image"));
    }
  }

  @BeforeEach
  void open() throws IOException {
    open(folder);
  }

  private void open(Path data) throws IOException {
    signatures = new Signatures(Optional.of(platform.verifying()), store, Vault.open(data));
  }

  private void isRefused(String image) {
    assertThatThrownBy(() -> signatures.require(image))
        .hasMessage("the image " + image + " is not signed by this platform");
  }

  private static ImageSignature signature(SigningKey key, String name, String digest) {
    return ImageSignature.of(key, name, digest);
  }

  @Test
  void an_image_that_is_lost_is_not_taken_for_one_of_somebody_else() {
    assertThatThrownBy(() -> signatures.require("apps/lost@" + ONE))
        .hasMessage("cannot pull apps/lost@" + ONE + ": manifest unknown");
  }

  @Test
  @Tag("BLD-10")
  void only_what_the_platform_signed_for_that_repository_is_let_start() {
    isRefused("apps/a@" + ONE);

    store.put("apps/a", ONE, signature(SigningKey.generate(), "here/apps/a", ONE));
    isRefused("apps/a@" + ONE);
    store.put("apps/a", ONE, signature(platform, "here/apps/a", TWO));
    isRefused("apps/a@" + ONE);
    store.put("apps/a", ONE, signature(platform, "here/apps/b", ONE));
    isRefused("apps/a@" + ONE);
    store.put("apps/a", ONE, signature(platform, "here/not-apps/a", ONE));
    isRefused("apps/a@" + ONE);
    var right = signature(platform, "here/apps/a", ONE);
    store.put(
        "apps/a",
        ONE,
        new ImageSignature(right.payload().replace("here", "else"), right.signature()));
    isRefused("apps/a@" + ONE);
    store.put("apps/a", ONE, new ImageSignature(right.payload(), "no base64"));
    isRefused("apps/a@" + ONE);

    store.put("apps/a", ONE, right);
    assertThatCode(() -> signatures.require("apps/a@" + ONE)).doesNotThrowAnyException();
    isRefused("apps/a@" + TWO);
    isRefused("apps/a:latest");
  }

  @Test
  void what_was_let_start_once_is_so_again_while_the_registry_is_silent() throws IOException {
    store.put("apps/a", ONE, signature(platform, "here/apps/a", ONE));
    signatures.require("apps/a@" + ONE);
    store.silent = true;

    open();

    assertThatCode(() -> signatures.require("apps/a@" + ONE)).doesNotThrowAnyException();
    assertThatThrownBy(() -> signatures.require("apps/a@" + TWO))
        .hasMessageContaining("cannot pull the signature of apps/a@" + TWO)
        .hasMessageContaining("Connection refused");
  }

  /// A disk that has little room takes a part of what is written.
  @Test
  void a_full_disk_takes_no_signature_that_is_kept_and_lets_start_what_is_signed()
      throws IOException {
    var disk = Files.createDirectory(folder.resolve("disk"));
    TestImage.run(List.of("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString()));
    try {
      open(disk);
      var images = IntStream.range(0, 40).mapToObj(this::signed).toList();
      images.forEach(signatures::require);
      var more = signed(40);
      var filler = leaveRoomFor(8_192, disk);

      assertThatCode(() -> signatures.require(more)).doesNotThrowAnyException();

      signatures.names(definition("one", images.getFirst()));
      signatures.forget("one");
      try (var log = new LoggedWarnings(Signatures.class)) {
        signatures.require(images.getLast());
        assertThat(log.lines()).hasSize(1).first(STRING).startsWith(more + " start now, but not");
      }

      store.silent = true;
      var rack = signatures;
      open(disk);
      images.forEach(signatures::require);
      assertThatThrownBy(() -> signatures.require(more)).hasMessageContaining("cannot pull");
      assertThatThrownBy(() -> Vault.open(disk).write("more", "x".repeat(20_000)))
          .hasMessage("cannot store more in %s/state (No space left on device)".formatted(disk));

      Files.delete(filler);
      rack.require(images.getFirst());
      open(disk);
      assertThatCode(() -> signatures.require(more)).doesNotThrowAnyException();
    } finally {
      TestImage.run(List.of("umount", disk.toString()));
    }
  }

  /// Whoever tells what is named holds a lock meanwhile.
  @Test
  void what_is_named_no_more_is_written_down_with_the_next_signature() throws IOException {
    var one = signed(1);
    signatures.names(definition("one", one));
    signatures.require(one);
    var file = folder.resolve("state/signatures.sealed");
    var before = Files.readAllBytes(file);

    signatures.names(definition("one", signed(2)));
    signatures.forget("one");

    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  private String signed(int number) {
    var digest = "sha256:" + "%064x".formatted(number);
    store.put("apps/a", digest, signature(platform, "here/apps/a", digest));
    return "apps/a@" + digest;
  }

  /// What takes the rest.
  private static Path leaveRoomFor(int bytes, Path disk) throws IOException {
    var filler = disk.resolve("filler");
    try (var out = Files.newOutputStream(filler)) {
      var page = new byte[4_096];
      assertThatThrownBy(
              () -> {
                while (true) {
                  out.write(page);
                }
              })
          .hasMessageContaining("No space left");
    }
    try (var file = FileChannel.open(filler, StandardOpenOption.WRITE)) {
      file.truncate(file.size() - bytes);
    }
    return filler;
  }

  @Test
  void what_the_definitions_name_stays_and_of_the_rest_what_was_named_last() throws IOException {
    var many = IntStream.rangeClosed(1, 8).mapToObj("apps/many@sha256:%064d"::formatted).toList();
    for (var image : many) {
      var digest = image.substring(image.indexOf('@') + 1);
      store.put("apps/many", digest, signature(platform, "here/apps/many", digest));
    }
    keepingMost(3);
    signatures.names(definition("one", many.get(0), many.get(1)));
    signatures.names(definition("two", many.get(2)));
    many.forEach(signatures::require);
    remembers(many, 0, 1, 2);

    signatures.names(definition("one", many.get(7)));
    signatures.require(many.get(7));
    remembers(many, 1, 2, 7);
    signatures.names(definition("one", many.get(1)));
    signatures.require(many.get(3));
    remembers(many, 1, 2, 3);
    signatures.forget("two");
    signatures.require(many.get(4));
    remembers(many, 1, 2, 4);
  }

  private void keepingMost(int most) throws IOException {
    var key = Optional.of(platform.verifying());
    signatures = new Signatures(key, store, Vault.open(folder), most);
  }

  /// After a restart and while the registry is silent: those of them, and no others.
  private void remembers(List<String> all, Integer... these) throws IOException {
    var before = signatures;
    store.silent = true;
    open();
    for (var index = 0; index < all.size(); index++) {
      var image = all.get(index);
      if (List.of(these).contains(index)) {
        assertThatCode(() -> signatures.require(image)).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> signatures.require(image))
            .hasMessageContaining("Connection refused");
      }
    }
    store.silent = false;
    signatures = before;
  }

  private static EnvironmentDefinition definition(String id, String... images) {
    var sets = Stream.of(images).map(SignaturesTest::set).toList();
    return new EnvironmentDefinition(id, id, 1, false, sets, List.of(), List.of(), List.of());
  }

  private static InstanceSet set(String image) {
    var readiness = new InstanceSpec.Readiness(InstanceSpec.Readiness.Kind.ALIVE, null, 1);
    var spec =
        new InstanceSpec(
            image, List.of("run"), Map.of(), 0, readiness, 512_000_000, 1, 512, 30, false);
    return new InstanceSet("abc", "shop", "web", "shop-web", "v1", 1, spec);
  }

  @Test
  void what_another_key_signed_before_counts_no_more() throws IOException {
    store.put("apps/a", ONE, signature(platform, "here/apps/a", ONE));
    signatures.require("apps/a@" + ONE);

    var next = SigningKey.generate();
    signatures = new Signatures(Optional.of(next.verifying()), store, Vault.open(folder));

    isRefused("apps/a@" + ONE);
    store.put("apps/a", ONE, signature(next, "here/apps/a", ONE));
    assertThatCode(() -> signatures.require("apps/a@" + ONE)).doesNotThrowAnyException();
  }
}

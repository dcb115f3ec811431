package dev.widemesh.builder.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-9")
class LayerPatchTest {
  @TempDir Path folder;

  /// Names of all lengths and letters, links, programs, empty and odd sizes.
  @RepeatedTest(40)
  void a_patched_layer_is_the_one_that_is_written_of_all_the_files(RepetitionInfo which)
      throws IOException {
    var random = new Random(which.getCurrentRepetition());
    var tree = folder.resolve("tree");
    var files = new TreeMap<Path, byte[]>();
    for (var i = 0; i < 1 + random.nextInt(40); i++) {
      var file = tree.resolve(name(random));
      if (Files.notExists(file)) {
        files.put(file, content(random));
        write(file, files.get(file));
        decorate(file, random, i);
      }
    }
    var before = layer(tree);
    var patch = LayerPatch.of(before);
    for (var file : files.keySet()) {
      if (random.nextInt(3) == 0) {
        var next = content(random);
        patch.replace(inside(tree, file), wrap(files.get(file)), wrap(next));
        Files.write(file, next);
      }
    }
    patch.replace("/workspace/nowhere", wrap(new byte[0]), wrap(new byte[3]));

    var patched = patched(patch, before);

    var whole = layer(tree);
    assertThat(patched.orElse(before).diffId()).isEqualTo(whole.diffId());
    assertThat(patched.orElse(before).tar()).hasSameBinaryContentAs(whole.tar());
    assertThat(patched.orElse(before).bytes()).isEqualTo(whole.bytes());
    assertThat(patch.has("/workspace/nowhere")).isFalse();
  }

  @Test
  void a_layer_without_the_file_stays() throws IOException {
    write(folder.resolve("tree/a"), new byte[5]);
    var patch = LayerPatch.of(layer(folder.resolve("tree")));
    patch.replace("/workspace/b", wrap(new byte[0]), wrap(new byte[1]));

    assertThat(patched(patch, layer(folder.resolve("tree")))).isEmpty();
  }

  @Test
  void a_file_that_the_build_changed_or_made_a_link_is_refused() throws IOException {
    var tree = folder.resolve("tree");
    write(tree.resolve("a"), bytes("of the commit"));
    write(tree.resolve("b"), bytes("of the build"));
    Files.createLink(tree.resolve("second"), tree.resolve("a"));
    Files.createSymbolicLink(tree.resolve("soft"), Path.of("a"));
    var layer = layer(tree);

    for (var name : List.of("b", "second", "soft")) {
      var patch = LayerPatch.of(layer);
      patch.replace("/workspace/" + name, wrap(bytes("of the commit")), wrap(bytes("x")));
      assertThatThrownBy(() -> patched(patch, layer))
          .isInstanceOf(IOException.class)
          .hasMessage("workspace/%s in the image is not the file of the commit", name);
    }
  }

  @Test
  void another_name_of_a_changed_file_goes_on_leading_to_it() throws IOException {
    var tree = folder.resolve("tree");
    write(tree.resolve("a"), bytes("one"));
    Files.createLink(tree.resolve("second"), tree.resolve("a"));
    var layer = layer(tree);
    var patch = LayerPatch.of(layer);
    patch.replace("/workspace/a", wrap(bytes("one")), wrap(bytes("another")));
    Files.writeString(tree.resolve("a"), "another");

    assertThat(patched(patch, layer)).map(Layer::diffId).contains(layer(tree).diffId());
  }

  @Test
  void a_tar_that_is_not_the_layer_any_more_is_refused() throws IOException {
    var tree = folder.resolve("tree");
    write(tree.resolve("a"), new byte[100]);
    write(tree.resolve("b"), new byte[100]);
    var layer = layer(tree);
    var damaged = Files.readAllBytes(layer.tar());
    damaged[damaged.length - 1] = 1; // Behind the end of the last entry.
    Files.write(layer.tar(), damaged);
    var patch = LayerPatch.of(layer);
    patch.replace("/workspace/a", wrap(new byte[100]), wrap(new byte[1]));

    assertThatThrownBy(() -> patched(patch, layer))
        .isInstanceOf(IOException.class)
        .hasMessage("what is kept of layer app is damaged");
  }

  private Layer layer(Path tree) throws IOException {
    return LayerTar.named("app")
        .tree(tree, "/workspace", Owner.APP)
        .write(Files.createTempDirectory(folder, "tars"));
  }

  private Optional<Layer> patched(LayerPatch patch, Layer layer) throws IOException {
    try (var tar = Files.newInputStream(layer.tar())) {
      return patch.write(tar, folder.resolve("patched"));
    }
  }

  private static String inside(Path tree, Path file) {
    return "/workspace/" + tree.relativize(file);
  }

  private static String name(Random random) {
    var name = new StringBuilder();
    for (var part = 0; part <= random.nextInt(4); part++) {
      name.append(part == 0 ? "f" : "/d").append(random.nextInt(5));
      var letters = random.nextInt(3) == 0 ? "ä日 '\"" : "abc-_.";
      for (var length = random.nextInt(random.nextInt(8) == 0 ? 50 : 10); length > 0; length--) {
        name.append(letters.charAt(random.nextInt(letters.length())));
      }
    }
    return name + "/file";
  }

  private static byte[] content(Random random) {
    var content = new byte[random.nextInt(random.nextInt(5) == 0 ? 300_000 : 1_500)];
    random.nextBytes(content);
    return content;
  }

  private static void decorate(Path file, Random random, int number) throws IOException {
    switch (random.nextInt(6)) {
      case 0 -> Files.createSymbolicLink(file.resolveSibling("link" + number), Path.of("../file"));
      case 1 -> Files.createLink(file.resolveSibling("zzz-second" + number), file);
      case 2 -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
      case 3 -> Files.createDirectories(file.resolveSibling("empty" + number));
      default -> {}
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer wrap(byte[] content) {
    return ByteBuffer.wrap(content);
  }
}

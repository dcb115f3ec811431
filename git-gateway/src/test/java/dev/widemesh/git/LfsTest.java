package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources.Limits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.transport.PacketLineOut;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What git-lfs says over SSH, packet by packet, and what becomes of it.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-14")
class LfsTest {
  private static final Limits WIDE = new Limits(1_000_000, 1_000);
  private static final String CONTENT = "not really a picture";
  private static final String OID = oid(CONTENT);

  @TempDir private Path folder;
  private House house;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
  }

  @AfterEach
  void stop() {
    house.close();
  }

  private static String oid(String content) {
    return HexFormat.of().formatHex(LfsStore.sha256().digest(content.getBytes(UTF_8)));
  }

  private static String pointer(String oid, int size) {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n"
        .formatted(oid, size);
  }

  /// Each text a packet: `|` a delimiter, nothing an end.
  private static byte[] packets(String... texts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new PacketLineOut(bytes);
    for (var text : texts) {
      switch (text) {
        case "" -> out.end();
        case "|" -> out.writeDelim();
        default -> out.writeString(text);
      }
    }
    return bytes.toByteArray();
  }

  private Ran lfs(String operation, String... texts) throws IOException {
    return lfsAt("shop/web.git", operation, texts);
  }

  private Ran lfsAt(String path, String operation, String... texts) throws IOException {
    var command =
        "$GIT_SSH_COMMAND -p %d git@127.0.0.1 'git-lfs-transfer %s %s'"
            .formatted(house.gateway().port(), path, operation);
    return Ran.run(
        folder, house.environment(house.key()), packets(texts), List.of("/bin/sh", "-c", command));
  }

  private Ran put(String oid, int size, String content) throws IOException {
    return lfs(
        "upload",
        "version 1",
        "",
        "put-object " + oid,
        "size=" + size,
        "|",
        content,
        "",
        "quit",
        "");
  }

  private Path stored(String oid) {
    return house
        .repository()
        .resolve("lfs/objects/%.2s/%s/%s".formatted(oid, oid.substring(2, 4), oid));
  }

  @Test
  void a_file_is_announced_sent_proven_and_got_again() throws IOException {
    var asked =
        lfs("upload", "version 1", "", "batch", "transfer=ssh", "|", OID + " 20", "", "quit", "");
    assertThat(asked.ok().output()).contains("version=1").contains(OID + " 20 upload");

    assertThat(put(OID, 20, CONTENT).ok().output()).doesNotContain("status 4");

    assertThat(stored(OID)).hasContent(CONTENT);
    assertThat(house.quarantine()).isEmpty();
    assertThat(lfs("upload", "batch", "|", OID + " 20", "", "quit", "").ok().output())
        .contains(OID + " 20 noop");
    assertThat(lfs("upload", "verify-object " + OID, "size=20", "").ok().output())
        .contains("status 200");
    assertThat(lfs("upload", "verify-object " + OID, "size=21", "").ok().output())
        .contains("status 404");
    assertThat(lfs("download", "get-object " + OID, "size=20", "").ok().output())
        .contains("size=20")
        .contains(CONTENT);
    assertThat(lfs("download", "get-object " + oid("x"), "size=1", "").ok().output())
        .contains("status 404");
  }

  @Test
  void what_is_not_what_it_says_is_refused_and_leaves_nothing() throws IOException {
    var other = oid("something else");
    assertThat(put(other, 20, CONTENT).output()).contains("status 422").contains("is not the file");
    assertThat(put(OID, 10, CONTENT).output()).contains("status 422").contains("more came than");
    assertThat(put(OID, 30, CONTENT.substring(1)).output()).contains("status 422");
    assertThat(put("../../x", 20, CONTENT).output()).contains("status 400");
    assertThat(put(OID.toUpperCase(java.util.Locale.ROOT), 20, CONTENT).output())
        .contains("status 400");
    assertThat(
            lfs("download", "put-object " + OID, "size=20", "|", CONTENT, "", "quit", "").output())
        .contains("status 405");
    assertThat(lfs("upload", "get-object ../../HEAD", "").output()).contains("status 404");
    assertThat(lfs("upload", "list-lock", "", "quit", "").output()).contains("status 501");
    assertThat(lfs("upload", "batch", "|", OID + " 2000000001", "").output())
        .contains("status 422")
        .contains("a file of git LFS is larger than 2,000 MB");
    assertThat(lfs("upload", "put-object " + OID, "size=2000000001", "|", CONTENT, "").output())
        .doesNotContain("status");

    assertThat(house.repository().resolve("lfs/objects")).doesNotExist();
    assertThat(house.quarantine()).isEmpty();
  }

  @Test
  void who_may_not_push_may_not_send_and_old_clients_hear_what_helps() throws IOException {
    put(OID, 20, CONTENT).ok();
    house.controller.mayOnlyRead("Ann");
    assertThat(put(oid("x"), 1, "x").status()).isNotZero();
    assertThat(stored(oid("x"))).doesNotExist();
    assertThat(lfs("download", "get-object " + OID, "size=20", "").ok().output()).contains(CONTENT);
    house.controller.mayNothing("Ann");
    var stranger = lfs("download", "get-object " + OID, "size=20", "");
    assertThat(stranger.status()).isNotZero();
    assertThat(stranger.output()).doesNotContain(CONTENT);

    assertThat(lfsAt("shop/nowhere.git", "upload", "").status()).isNotZero();
    assertThat(lfsAt("../shop/web.git", "upload", "").status()).isEqualTo(128);
  }

  /// git-lfs asks so where it does not know the other command, and where that was refused.
  @Test
  void a_git_lfs_that_asks_for_http_hears_why_it_may_not_or_what_it_needs() throws IOException {
    var needs = "git-lfs 3.0 or newer is needed: install it";
    assertThat(authenticate("shop/web.git upload")).startsWith(needs).hasLineCount(1);
    assertThat(authenticate("/shop/web.git download")).startsWith(needs);
    assertThat(authenticate("shop/nowhere.git upload"))
        .isEqualTo(pushTo("shop/nowhere.git"))
        .contains("no stack");
    assertThat(authenticate("Shop upload")).startsWith("that is not a repository here");

    house.controller.mayOnlyRead("Ann");
    assertThat(authenticate("shop/web.git download")).startsWith(needs);
    assertThat(authenticate("shop/web.git upload")).isEqualTo(pushTo("shop/web.git"));
  }

  private String authenticate(String what) {
    var answer = house.ssh(List.of(), "git-lfs-authenticate " + what);
    assertThat(answer.status()).isEqualTo(128);
    return answer.output().replace("\r", "").strip();
  }

  /// What git shows of a refusal.
  private String pushTo(String path) {
    var refused = house.git("ls-remote", "--upload-pack=git-receive-pack", house.url(path));
    return refused.output().replaceFirst("(?s).*remote error: ", "").strip();
  }

  @Test
  void a_build_has_the_file_for_the_pointer_or_hears_which_one_lacks() throws IOException {
    var into = Files.createDirectories(folder.resolve("into"));
    var commit = house.commit("img/logo.png", pointer(OID, 20));
    house.git("push", "-q", house.url(), "main").ok();
    var sources = house.gateway().sources();

    assertThatThrownBy(() -> sources.export(House.STACK, commit, into, WIDE))
        .isInstanceOf(SourceRefused.class)
        .hasMessage("img/logo.png is a file of git LFS whose content is not here")
        .extracting(e -> ((SourceRefused) e).nextStep())
        .isEqualTo("git lfs push --all widemesh, and push again");
    assertThat(into.resolve("img/logo.png")).doesNotExist();

    put(OID, 20, CONTENT).ok();
    var second = Files.createDirectories(folder.resolve("second"));
    sources.export(House.STACK, commit, second, WIDE);
    assertThat(second.resolve("img/logo.png")).hasContent(CONTENT);
    var third = Files.createDirectories(folder.resolve("third"));
    assertThatThrownBy(() -> sources.export(House.STACK, commit, third, new Limits(19, 9)))
        .isInstanceOf(SourceRefused.class)
        .hasMessageContaining("more than");

    Files.writeString(stored(OID), "not really a picturE");
    var fourth = Files.createDirectories(folder.resolve("fourth"));
    assertThatThrownBy(() -> sources.export(House.STACK, commit, fourth, WIDE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged");
  }

  @Test
  void words_about_a_pointer_are_a_file_and_changed_pointers_no_change_of_content()
      throws IOException {
    var into = Files.createDirectories(folder.resolve("into"));
    var one = house.commit("img/logo.png", pointer(OID, 20));
    var two = house.commit("img/logo.png", pointer(oid("two"), 3));
    var words = house.commit("img/logo.png", "words about " + pointer(OID, 20));
    house.git("push", "-q", house.url(), "main").ok();
    var sources = house.gateway().sources();

    assertThat(sources.changes(House.STACK, one, two, WIDE)).isEmpty();
    assertThat(sources.changes(House.STACK, two, words, WIDE)).isEmpty();
    sources.export(House.STACK, words, into, WIDE);
    assertThat(into.resolve("img/logo.png")).content().startsWith("words about version");
  }

  @Test
  void files_are_in_copies_for_backups_and_go_when_no_commit_names_them() throws IOException {
    var commit = house.commit("img/logo.png", pointer(OID, 20));
    put(OID, 20, CONTENT).ok();
    put(oid("nobody"), 6, "nobody").ok();
    house.git("push", "-q", house.url(), "main").ok();
    var copy = folder.resolve("copy");

    assertThat(RepositoryCopies.make(house.data(), Map.of(House.STACK, Set.of(commit)), copy))
        .isEmpty();
    assertThat(copy.resolve(house.data().relativize(stored(OID)))).hasContent(CONTENT);

    var old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(stored(OID), old);
    var room = new LfsRoom(LfsStore.folder(house.repository()), LfsRoom.Bounds.USUAL);
    try (var real = BareRepository.open(house.repository())) {
      LfsGarbage.collect(real, room, LfsGarbage.GRACE);
      assertThat(stored(oid("nobody"))).as("asked for not long ago").exists();
      Files.setLastModifiedTime(stored(oid("nobody")), old);
      LfsGarbage.collect(real, room, LfsGarbage.GRACE);
    }
    assertThat(stored(oid("nobody"))).doesNotExist();
    assertThat(stored(OID)).hasContent(CONTENT);
  }
}

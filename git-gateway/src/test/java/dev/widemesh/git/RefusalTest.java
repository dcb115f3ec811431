package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RefusalTest {
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

  @Test
  void an_unknown_key_does_not_log_in() {
    var refused = house.gitAs(house.newKey("eve"), "ls-remote", house.url());

    assertThat(refused.status()).isEqualTo(128);
    assertThat(refused.output()).contains("Permission denied (publickey");
  }

  /// Not where nobody can read it: in BatchMode ssh does not come that far.
  @Test
  @Tag("USR-1")
  void a_person_whose_key_is_unknown_is_told_once_which_and_what_to_do() {
    var stranger = house.newKey("stranger");

    var refused =
        house.sshAs(
            stranger,
            List.of("-o", "LogLevel=INFO", "-o", "BatchMode=no"),
            "git-upload-pack 'shop/web.git'");

    assertThat(refused.status()).isEqualTo(255);
    assertThat(refused.output())
        .containsOnlyOnce("is not registered; try: mesh keys add FILE.pub")
        .contains("Permission denied");
  }

  @Test
  void short_rsa_keys_do_not_log_in() {
    var key = folder.resolve("rsa");
    var command = List.of("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", "rsa");
    Ran.run(folder, Map.of(), command).ok();
    var print = Ran.run(folder, Map.of(), List.of("ssh-keygen", "-l", "-f", key.toString())).ok();
    house.controller.addKey(print.output().split(" ", -1)[1], "Old");

    assertThat(house.gitAs(key, "ls-remote", house.url()).output()).contains("Permission denied");
  }

  @Test
  void an_unknown_stack_is_refused_in_one_sentence_without_touching_the_disk() throws IOException {
    var refused = house.git("ls-remote", house.url("shop/nope.git"));

    assertThat(refused.status()).isEqualTo(128);
    assertThat(refused.output())
        .isEqualTo("fatal: remote error: no stack 'web' in 'shop'\nTry: mesh stacks\n");
    assertThat(Disk.list(house.data().resolve("repositories"))).isEmpty();
  }

  @Test
  void names_that_cannot_be_are_explained() {
    assertThat(house.git("ls-remote", house.url("shop/localhost.git")).output())
        .contains("fatal: remote error: 'localhost' is not a name for a stack");
    assertThat(house.git("ls-remote", house.url("../../etc")).output())
        .contains("fatal: remote error: that is not a repository here");
  }

  @Test
  void there_is_no_shell_but_a_greeting() {
    var greeted = house.ssh(List.of("-T"));

    assertThat(greeted.status()).isEqualTo(1);
    assertThat(greeted.output()).startsWith("Hi Ann, your key works").contains("git push ssh://");
  }

  @Test
  void other_commands_are_refused() {
    for (var command :
        List.of("id", "git-upload-archive 'shop/web'", "git-lfs-transfer shop/web remove")) {
      var refused = house.ssh(List.of(), command);
      assertThat(refused.status()).as(command).isEqualTo(128);
      assertThat(refused.output()).contains("only git push, fetch and clone work here");
    }
  }

  @Test
  void nothing_is_forwarded_and_there_is_no_sftp() {
    assertThat(house.ssh(List.of("-W", "127.0.0.1:22")).output()).contains("forwarding failed");
    assertThat(house.ssh(List.of("-s"), "sftp").output()).contains("subsystem request failed");
  }

  @Test
  void only_key_exchanges_that_last_are_offered() {
    var refused =
        house.ssh(List.of("-o", "LogLevel=INFO", "-o", "KexAlgorithms=curve25519-sha256"), "id");

    assertThat(refused.status()).isEqualTo(255);
    assertThat(refused.output())
        .contains(
            "Their offer: mlkem768x25519-sha256,sntrup761x25519-sha512,"
                + "sntrup761x25519-sha512@openssh.com,ext-info-s,kex-strict-s-v00@openssh.com");
  }

  @Test
  void the_host_key_is_private_stays_the_same_and_is_known_to_ssh_keygen() throws IOException {
    var file = house.data().resolve("ssh_host_ed25519_key");
    var before = Files.readString(file);
    house.restart();

    assertThat(file).hasContent(before);
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(
            Ran.run(folder, Map.of(), List.of("ssh-keygen", "-l", "-f", file.toString())).output())
        .contains("(ED25519)");
  }

  @Test
  void harmful_trees_are_refused_and_leave_nothing() throws IOException {
    house.commit("app.txt", "one");
    var blob = house.object("blob", "evil");
    var inner = house.object("tree", entry("100644", "x", blob));
    var names =
        List.of(".git", ".GIT", "..", ".", "git~1", "a/b", ".git ", ".g\u200cit", "con.txt ");
    for (var name : names) {
      assertRefused(house.object("tree", entry("40000", name, inner)), name);
    }
    var modules = "[submodule \"x\"]\n\tpath = x\n\turl = --upload-pack=touch\n";
    var file = house.object("blob", modules);
    assertRefused(house.object("tree", entry("100644", ".gitmodules", file)), ".gitmodules");
    for (var link : List.of(".gitmodules", ".GITmodules", ".git\u200cmodules", "gitmod~1")) {
      assertRefused(house.object("tree", entry("120000", link, blob)), "link " + link);
    }
    assertThat(house.controller.pushes()).isEmpty();
    assertThat(house.refs()).isEmpty();
    assertThat(Disk.list(house.repository().resolve("objects/pack"))).isEmpty();
    assertThat(house.quarantine()).isEmpty();
  }

  private void assertRefused(String tree, String name) {
    var commit = house.git("commit-tree", "-m", "evil", tree).ok().output().strip();
    var pushed = house.git("push", house.url(), commit + ":refs/heads/main");
    assertThat(pushed.status()).as("%s: %s", name, pushed.output()).isEqualTo(1);
    assertThat(pushed.output()).as(name).contains("unpack failed");
  }

  private static byte[] entry(String mode, String name, String id) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes((mode + " " + name + "\0").getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(HexFormat.of().parseHex(id));
    return bytes.toByteArray();
  }

  @Test
  void a_file_over_the_limit_is_refused_with_its_size() throws IOException {
    try (var file = new java.io.RandomAccessFile(house.work.resolve("big").toFile(), "rw")) {
      file.setLength(100_000_001);
    }
    house.git("add", "big").ok();
    house.git("commit", "-q", "-m", "big").ok();

    var pushed = house.git("push", house.url(), "main");

    assertThat(pushed.status()).isEqualTo(1);
    assertThat(pushed.output()).contains("A file is larger than 100 MB").contains("100,000,001");
    assertThat(house.quarantine()).isEmpty();
    assertThat(Disk.list(house.repository().resolve("objects/pack"))).isEmpty();
  }

  /// Names mean nothing here, and keys are looked for before any name.
  @Test
  @Tag("USR-1")
  void a_stranger_hears_the_same_whatever_the_user_name_and_as_fast() {
    var stranger = house.newKey("stranger");
    var medians = new ArrayList<Long>();
    for (var user : List.of("git", "root", "ann", "nobody-at-all")) {
      var times = new ArrayList<Long>();
      for (var i = 0; i < 5; i++) {
        var begin = System.nanoTime();
        var refused = house.sshAs(stranger, List.of("-o", "User=" + user), "git-upload-pack 'a/b'");
        times.add((System.nanoTime() - begin) / 1_000_000);
        assertThat(refused.output())
            .isEqualToIgnoringNewLines(
                user + "@127.0.0.1: Permission denied (publickey,keyboard-interactive).");
      }
      medians.add(times.stream().sorted().toList().get(2));
    }
    var slowest = medians.stream().max(Long::compare).orElseThrow();
    var fastest = medians.stream().min(Long::compare).orElseThrow();
    assertThat(slowest).as("%s ms", medians).isLessThan(2 * fastest + 50);
  }

  @Test
  @Tag("USR-1")
  void seven_keys_are_too_many_for_one_connection() {
    var options = new ArrayList<String>();
    for (var i = 0; i < 8; i++) {
      options.addAll(List.of("-i", house.newKey("guess" + i).toString()));
    }

    var refused = house.sshAs(house.newKey("last"), options, "git-upload-pack 'shop/web.git'");

    assertThat(refused.status()).isEqualTo(255);
    assertThat(refused.output()).contains("Too many authentication failures");
  }

  @Test
  @Tag("nightly")
  void who_says_nothing_is_gone_after_half_a_minute() throws IOException {
    try (var silent = new Socket(InetAddress.getLoopbackAddress(), house.gateway().port())) {
      silent.setSoTimeout(45_000);
      assertThat(silent.getInputStream().readAllBytes()).isNotEmpty();
    }
  }

  @Test
  void a_flood_from_one_address_is_cut() throws IOException {
    var sockets = new ArrayList<Socket>();
    var greeted = 0;
    try {
      for (var i = 0; i < 90; i++) {
        var socket = new Socket();
        sockets.add(socket);
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), house.gateway().port()), 2_000);
        socket.setSoTimeout(2_000);
        greeted += greets(socket) ? 1 : 0;
      }
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    assertThat(greeted).isBetween(30, 60);
  }

  @Test
  void strangers_from_many_addresses_keep_nobody_out_who_has_a_key() throws IOException {
    var sockets = new ArrayList<Socket>();
    try {
      for (var i = 0; i < 150; i++) {
        var socket = new Socket();
        sockets.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.2." + (1 + i / 25)), 0));
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), house.gateway().port()), 2_000);
        socket.setSoTimeout(2_000);
        assertThat(greets(socket)).isTrue();
      }

      assertThat(house.git("ls-remote", house.url()).status()).isZero();
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
  }

  private static boolean greets(Socket socket) {
    try {
      return socket.getInputStream().read() == 'S';
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void without_a_controller_the_client_is_told_and_nothing_else_works() {
    house.controller.close();

    var refused = house.git("ls-remote", house.url());

    assertThat(refused.output()).contains("fatal: remote error: the control plane does not answer");
  }
}

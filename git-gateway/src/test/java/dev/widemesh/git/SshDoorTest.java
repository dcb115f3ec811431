package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.sshd.client.channel.ClientChannel;
import org.apache.sshd.client.channel.ClientChannelEvent;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.kex.KexProposalOption;
import org.apache.sshd.common.util.net.SshdSocketAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the door offers, and how fast it says no.
@DisplayNameGeneration(ReplaceUnderscores.class)
class SshDoorTest {
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final int LOGINS = 50;
  private static final SshdSocketAddress ELSEWHERE = new SshdSocketAddress("127.0.0.1", 22);

  @TempDir private Path folder;
  private House house;
  private Caller caller;

  @BeforeEach
  void start() throws IOException {
    house = new House(folder);
    caller = new Caller(house.gateway().port());
  }

  @AfterEach
  void stop() throws IOException {
    caller.close();
    house.close();
  }

  @Test
  void only_algorithms_that_are_not_broken_are_offered() throws IOException {
    try (var session = caller.connect("git", "127.0.0.1")) {
      var offer = session.getServerKexProposals();

      assertThat(offer)
          .containsEntry(
              KexProposalOption.ALGORITHMS,
              "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
                  + "ext-info-s,kex-strict-s-v00@openssh.com")
          .containsEntry(KexProposalOption.SERVERKEYS, "ssh-ed25519");
      for (var ciphers : List.of(KexProposalOption.C2SENC, KexProposalOption.S2CENC)) {
        assertThat(offer)
            .containsEntry(
                ciphers,
                "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,"
                    + "aes256-ctr");
      }
      for (var macs : List.of(KexProposalOption.C2SMAC, KexProposalOption.S2CMAC)) {
        assertThat(offer)
            .containsEntry(macs, "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com");
      }
      for (var compression : List.of(KexProposalOption.C2SCOMP, KexProposalOption.S2CCOMP)) {
        assertThat(offer).containsEntry(compression, "none");
      }
    }
  }

  @Test
  void a_port_that_is_taken_is_named() {
    var port = house.gateway().port();

    assertThatThrownBy(() -> GitGateway.start(house.config(folder.resolve("other"), port)))
        .hasMessage(
            "git over SSH cannot listen on 127.0.0.1:%d: Address already in use".formatted(port));
  }

  /// Nothing is started for any of them: this process, in which the door is, never had a child.
  @Test
  void whatever_else_is_asked_for_is_refused_at_once() throws IOException {
    var children = faultsOfChildren();
    try (var session = ann()) {
      for (var command :
          List.of(
              "git-receive-pack '../../x'",
              "git-receive-pack '//shop/web'",
              "git-receive-pack '-oProxyCommand=id'",
              "git-upload-pack \"x;id\"",
              "git-upload-pack 'shop/web.git'; id",
              "git-receive-pack 'shop/we\0b'",
              "git-receive-pack '" + "a".repeat(64_000) + "/b'",
              "git-upload-archive 'shop/web'",
              "git-lfs-authenticate shop/web download",
              "scp -t /tmp/x",
              "sh -c id")) {
        assertThat(refused(session.createExecChannel(command))).as(command).isEqualTo(128);
      }
      assertThat(refused(session.createShellChannel())).isEqualTo(1);
      assertThat(ended(session.createSubsystemChannel("sftp"))).isNull();
      notOpened(session.createDirectTcpipChannel(ELSEWHERE, ELSEWHERE));
      var begin = System.nanoTime();
      assertThatThrownBy(() -> session.startRemotePortForwarding(ELSEWHERE, ELSEWHERE))
          .isInstanceOf(IOException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
    }
    assertThat(faultsOfChildren()).isEqualTo(children);
    assertThat(Ran.run(folder, Map.of(), List.of("true")).ok().output()).isEmpty();
    assertThat(faultsOfChildren()).as("a process would be seen").isGreaterThan(children);
  }

  private ClientSession ann() throws IOException {
    var session = caller.connect("git", "127.0.0.1");
    assertThat(Caller.logIn(session, Caller.key(house.key()))).isTrue();
    return session;
  }

  /// The exit status, with words for a person.
  private static @Nullable Integer refused(ClientChannel channel) throws IOException {
    var words = new ByteArrayOutputStream();
    channel.setErr(words);
    channel.setOut(words);
    var status = ended(channel);
    assertThat(words.toString(StandardCharsets.UTF_8)).doesNotContain("uid=").isNotBlank();
    return status;
  }

  private static @Nullable Integer ended(ClientChannel channel) throws IOException {
    var begin = System.nanoTime();
    channel.open().verify(AT_ONCE);
    assertThat(channel.waitFor(EnumSet.of(ClientChannelEvent.CLOSED), AT_ONCE))
        .contains(ClientChannelEvent.CLOSED);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
    return channel.getExitStatus();
  }

  private static void notOpened(ClientChannel channel) {
    var begin = System.nanoTime();
    assertThatThrownBy(() -> channel.open().verify(AT_ONCE)).isInstanceOf(IOException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AT_ONCE);
  }

  /// Page faults of all children of this process that have ended: a process that only begins has
  /// some hundred.
  private static long faultsOfChildren() throws IOException {
    var stat = Files.readString(Path.of("/proc/self/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[8]);
  }

  /// Names mean nothing here, so that nobody learns from the time which of them there are.
  @Test
  @Tag("USR-1")
  void strangers_wait_equally_long_whatever_their_user_name() throws IOException {
    var users = new ArrayList<>(List.of("git", "root", "Ann", "nobody-at-all"));
    var stranger = Caller.key(house.newKey("stranger"));
    var times = new TreeMap<String, List<Long>>();
    var calls = 0;
    for (var round = 0; round < LOGINS; round++) {
      for (var user : users) {
        // From one address so many would be too many.
        try (var session = caller.connect(user, "127.0.5." + (1 + calls++ / 25))) {
          var begin = System.nanoTime();
          assertThat(Caller.logIn(session, stranger)).isFalse();
          var took = (System.nanoTime() - begin) / 1_000;
          times.computeIfAbsent(user, _ -> new ArrayList<>()).add(took);
        }
      }
      Collections.rotate(users, 1);
    }

    var medians = times.values().stream().map(of -> of.stream().sorted().toList()).toList();
    var sorted = medians.stream().map(of -> of.get(LOGINS / 2)).sorted().toList();
    System.out.printf("strangers are refused after %s us%n", sorted);
    assertThat(sorted.getLast() - sorted.getFirst()).as("%s us", sorted).isLessThan(5_000);
  }
}

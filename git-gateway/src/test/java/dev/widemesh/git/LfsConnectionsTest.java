package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connections of git-lfs that stay open and ask for nothing.
@DisplayNameGeneration(ReplaceUnderscores.class)
class LfsConnectionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String COMMAND = "git-lfs-transfer shop/web.git upload";
  private static final int MOST_OF_ONE = 36;
  private static final int CHANNELS = 9;

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

  private record Open(ChannelExec channel, ByteArrayOutputStream said) {
    static Open by(ClientSession session) throws IOException {
      var open = new Open(session.createExecChannel(COMMAND), new ByteArrayOutputStream());
      open.channel.setOut(open.said);
      open.channel.open().verify(PATIENCE);
      return open;
    }

    boolean hasSaid(String words) {
      return said.toString(UTF_8).contains(words);
    }

    void say(String packets) throws IOException {
      channel.getInvertedIn().write(packets.getBytes(UTF_8));
      channel.getInvertedIn().flush();
    }
  }

  private ClientSession session(Path key) throws IOException {
    var session = caller.connect("git", "127.0.0.1");
    assertThat(Caller.logIn(session, Caller.key(key))).isTrue();
    return session;
  }

  private List<Open> asManyAsOneMayHave(Path key) throws IOException, InterruptedException {
    var all = new ArrayList<Open>();
    while (all.size() < MOST_OF_ONE) {
      var session = session(key);
      for (var each = 0; each < CHANNELS; each++) {
        all.add(Open.by(session));
      }
    }
    House.await("greetings", () -> all.stream().allMatch(open -> open.hasSaid("version=1")));
    return all;
  }

  @Test
  void they_keep_nobody_from_pushing_and_hold_up_no_stop() throws Exception {
    var idle = new ArrayList<Open>();
    for (var name : List.of("Bob", "Cleo", "Dan")) {
      var key = house.join(name);
      idle.addAll(asManyAsOneMayHave(key));
      assertRefused(key);
    }
    assertRefused(house.key());
    house.commit("app.txt", "one");

    house.git("push", "-q", house.url(), "main").ok();
    house.git("ls-remote", house.url()).ok();
    idle.getLast().say("000dversion 10000");
    House.await("an answer", () -> idle.getLast().hasSaid("status 200"));
    idle.getFirst().say("0008quit0000");
    House.await("the end of one", () -> idle.getFirst().channel().isClosed());
    var instead = Open.by(session(house.key()));
    House.await("a greeting", () -> instead.hasSaid("version=1"));

    var began = System.nanoTime();
    house.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
  }

  private void assertRefused(Path key) throws Exception {
    var refused = Open.by(session(key));
    House.await("an answer", () -> refused.hasSaid("ERR too many pushes and fetches"));
    var hint = house.sshAs(key, List.of(), "git-lfs-authenticate shop/web.git upload");
    assertThat(hint.status()).isEqualTo(128);
    assertThat(hint.output()).contains("too many pushes and fetches").doesNotContain("3.0");
  }
}

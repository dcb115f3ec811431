package dev.widemesh.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs an [Answer] on a thread of its own, which is the only one that writes to the client.
final class ClientCommand implements Command {
  private static final Logger log = LoggerFactory.getLogger(ClientCommand.class);
  private static final int FAILED = 1;

  private final Answer answer;
  private final Conversations conversations;
  private final AtomicBoolean left = new AtomicBoolean();
  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();
  private OutputStream err = OutputStream.nullOutputStream();
  private ExitCallback exit = (_, _, _) -> {};

  ClientCommand(Answer answer, Conversations conversations) {
    this.answer = answer;
    this.conversations = conversations;
  }

  @Override
  public void start(ChannelSession channel, Environment environment) {
    var asked = environment.getEnv().getOrDefault("GIT_PROTOCOL", "");
    var protocol = asked.isEmpty() ? List.<String>of() : List.of(asked.split(":", -1));
    var conversation =
        new Conversation(in, new GuardedOutput(out), err, protocol, left, conversations.stopping());
    // Not a virtual one: JGit computes for seconds, and those share one core each for as long as
    // they compute, with everything else in this process.
    Thread.ofPlatform().daemon().name("git-client").start(() -> run(conversation, channel));
  }

  private void run(Conversation conversation, ChannelSession channel) {
    conversations.begin(this);
    try {
      var status = statusOf(conversation);
      flush(conversation);
      exit.onExit(status);
    } finally {
      conversations.end(this);
      if (conversation.out().isDead()) {
        // Else a client that stalled, and is back, would wait for ever.
        var _ = channel.getSession().close(true);
      }
    }
  }

  private int statusOf(Conversation conversation) {
    try {
      return answer.give(conversation);
    } catch (Refused refusal) {
      refuse(conversation, refusal.text());
    } catch (IOException e) {
      log.info("a client's command ended early: {}", e.toString());
      refuse(conversation, "the git gateway could not read or write; try again in a moment");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("a client's command failed", e);
      refuse(conversation, "the git gateway failed; its log says why; try again in a moment");
    }
    return FAILED;
  }

  private static void refuse(Conversation conversation, String text) {
    try {
      conversation.refuse(text);
    } catch (IOException e) {
      log.debug("nobody is there to be refused", e);
    }
  }

  private static void flush(Conversation conversation) {
    try {
      conversation.out().flush();
      conversation.err().flush();
    } catch (IOException e) {
      log.debug("the client did not wait for the end", e);
    }
  }

  /// The client has gone. What it started goes on; a thread that writes packs is not interrupted.
  @Override
  public void destroy(ChannelSession channel) {
    left.set(true);
  }

  @Override
  public void setInputStream(InputStream stream) {
    in = stream;
  }

  @Override
  public void setOutputStream(OutputStream stream) {
    out = stream;
  }

  @Override
  public void setErrorStream(OutputStream stream) {
    err = stream;
  }

  @Override
  public void setExitCallback(ExitCallback callback) {
    exit = callback;
  }
}

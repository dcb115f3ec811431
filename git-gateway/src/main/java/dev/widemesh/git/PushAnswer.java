package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.io.OutputStream;
import org.eclipse.jgit.errors.UnpackException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `git push`: receives into a quarantine, then lets [Push] decide.
record PushAnswer(
    Repositories repositories,
    Controller controller,
    Projector projector,
    Turns turns,
    GitWire.Actor actor,
    GitWire.Grant grant)
    implements Answer {
  private static final Logger log = LoggerFactory.getLogger(PushAnswer.class);

  @Override
  public int give(Conversation conversation) throws IOException {
    var target = repositories.require(grant.stackId(), grant.branch());
    try (var quarantine = repositories.quarantine(target)) {
      var push = new Push(this, target, quarantine, conversation);
      var receive = new Receive(quarantine, target.read(Refs::visible), this::turn, push::execute);
      receive.receive(conversation.in(), conversation.out(), OutputStream.nullOutputStream());
      return 0;
    } catch (UnpackException e) {
      log.info("a push to stack {} was refused: {}", grant.stackId(), String.valueOf(e.getCause()));
      return 1;
    }
  }

  private Turns.Turn turn() throws InterruptedException, Refused {
    return turns.take(actor.accountId());
  }
}

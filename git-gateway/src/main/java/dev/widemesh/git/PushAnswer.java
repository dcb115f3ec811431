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
    PushTurns turns,
    PushLimits limits,
    GitWire.Actor actor,
    GitWire.Grant grant)
    implements Answer {
  private static final Logger log = LoggerFactory.getLogger(PushAnswer.class);

  @Override
  public int give(Conversation conversation) throws IOException {
    var target = repositories.require(grant.stackId(), grant.branch());
    try (var quarantine = repositories.quarantine(target);
        var in =
            IncomingPack.of(
                conversation.in(),
                limits,
                heavy -> turns.take(actor.accountId(), heavy),
                quarantine.folder())) {
      var push = new Push(this, target, quarantine, conversation);
      var advertised = target.read(Refs::visible);
      var receive = new Receive(quarantine, advertised, in, limits, push::execute);
      receive.receive(in, conversation.out(), OutputStream.nullOutputStream());
      return 0;
    } catch (UnpackException e) {
      log.info("a push to stack {} was refused: {}", grant.stackId(), String.valueOf(e.getCause()));
      return 1;
    }
  }
}

package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ReceiveCommand;

/// Which ref changes are allowed, whoever asks. `deployRef` is the full name of the one that
/// deploys.
record PushPolicy(String deployRef, boolean atomic) {
  private static final int MAX_REFS = 500;

  /// What a disk takes as the name of a file, with `.lock` behind it.
  private static final int MAX_NAME = 250;

  /// Sets the result of every command that is refused.
  void judge(List<ReceiveCommand> commands, RevWalk walk) throws IOException {
    for (var command : commands) {
      refusal(command, commands.size(), walk).ifPresent(why -> refuse(command, why));
    }
  }

  static void refuse(ReceiveCommand command, String why) {
    command.setResult(ReceiveCommand.Result.REJECTED_OTHER_REASON, Screen.clean(why));
  }

  boolean deploys(ReceiveCommand command) {
    return command.getRefName().equals(deployRef) || uploads(command);
  }

  /// Whether it is a folder, from `mesh deploy`: no ref will name it.
  boolean uploads(ReceiveCommand command) {
    return command.getRefName().equals(GitWire.UPLOAD);
  }

  private Optional<String> refusal(ReceiveCommand command, int refs, RevWalk walk)
      throws IOException {
    if (uploads(command) && refs > 1) {
      return Optional.of("a folder is deployed by itself: push nothing else with it");
    }
    if (!Refs.isVisible(command.getRefName()) && !uploads(command)) {
      return Optional.of("only branches and tags are kept here");
    }
    if (command.getRefName().getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      return Optional.of("the name is too long: at most %d bytes".formatted(MAX_NAME));
    }
    if (refs > MAX_REFS) {
      return Optional.of("too many refs in one push: at most " + MAX_REFS);
    }
    return deploys(command) ? deployRefusal(command, refs, walk) : Optional.empty();
  }

  private Optional<String> deployRefusal(ReceiveCommand command, int refs, RevWalk walk)
      throws IOException {
    if (command.getType() == ReceiveCommand.Type.DELETE) {
      return Optional.of("the branch that deploys cannot be deleted; see: mesh help");
    }
    if (atomic && refs > 1) {
      return Optional.of("a deployment cannot be atomic with other refs: push this one alone");
    }
    return isCommit(command.getNewId(), walk)
        ? Optional.empty()
        : Optional.of("only a commit can be deployed");
  }

  private static boolean isCommit(ObjectId id, RevWalk walk) throws IOException {
    try {
      var _ = walk.parseCommit(id);
      return true;
    } catch (IncorrectObjectTypeException _) {
      return false;
    }
  }
}

package dev.widemesh.git;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ReceiveCommand;

/// Takes what a push brought out of its quarantine.
///
/// When changing this, keep the order; a crash after any line must leave a repository that works:
/// - old ids are compared before anything is brought over, else a loser leaves objects behind
/// - objects last before a ref names them
/// - the hidden ref keeps the commit from garbage collection before the controller knows the push
record Acceptance(
    Controller controller,
    StackRepository target,
    Quarantine quarantine,
    GitWire.Grant grant,
    GitWire.Actor actor,
    PushPolicy policy,
    PushOptions options) {
  private static final int MAX_WORDS = 200;

  /// The queued deployment, when a deploy ref was among the commands.
  Optional<DeploymentView> run(List<ReceiveCommand> commands)
      throws IOException, InterruptedException, Refused {
    target.lock().lockInterruptibly();
    try {
      target.read(real -> refuseMoved(real, commands));
      var left = pending(commands);
      if (left.isEmpty()) {
        return Optional.empty();
      }
      quarantine.accept();
      Failpoint.PUSH_KEPT.pass();
      target.read(real -> storeOthers(real, left));
      var deploy = left.stream().filter(policy::deploys).findFirst();
      return deploy.isPresent() ? Optional.of(queue(deploy.get())) : Optional.empty();
    } finally {
      target.lock().unlock();
    }
  }

  static List<ReceiveCommand> pending(List<ReceiveCommand> commands) {
    return commands.stream()
        .filter(command -> command.getResult() == ReceiveCommand.Result.NOT_ATTEMPTED)
        .toList();
  }

  private boolean refuseMoved(FileRepository real, List<ReceiveCommand> commands)
      throws IOException {
    for (var command : pending(commands)) {
      var now = Refs.current(real, command.getRefName());
      if (!now.equals(command.getOldId()) && !leadsOnFrom(now, command)) {
        PushPolicy.refuse(
            command,
            "moved to %s meanwhile: fetch, and push again".formatted(now.abbreviate(7).name()));
      }
    }
    return true;
  }

  /// The deploy ref moves when a deployment becomes live, perhaps between what a client was told
  /// and what it sent: no reason to refuse what was built on just that deployment.
  private boolean leadsOnFrom(ObjectId now, ReceiveCommand command) throws IOException {
    if (!policy.deploys(command)
        || command.getType() == ReceiveCommand.Type.UPDATE_NONFASTFORWARD
        || now.equals(ObjectId.zeroId())) {
      return false;
    }
    try (var walk = new RevWalk(quarantine.scratch())) {
      return walk.isMergedInto(walk.parseCommit(now), walk.parseCommit(command.getNewId()));
    }
  }

  private boolean storeOthers(FileRepository real, List<ReceiveCommand> commands)
      throws IOException {
    var others = new ArrayList<>(commands);
    others.removeIf(policy::deploys);
    if (!others.isEmpty()) {
      try (var walk = new RevWalk(real)) {
        var update = real.getRefDatabase().newBatchUpdate();
        update.setAllowNonFastForwards(true).setAtomic(policy.atomic()).disableRefLog();
        update.addCommand(others).execute(walk, NullProgressMonitor.INSTANCE);
      }
    }
    return true;
  }

  private DeploymentView queue(ReceiveCommand command)
      throws IOException, InterruptedException, Refused {
    var id = UUID.randomUUID().toString();
    var commit = command.getNewId().name();
    var hidden = new GitWire.Kept(id, commit, policy.uploads(command)).ref();
    var push = target.read(real -> hide(real, hidden, id, command));
    Failpoint.PUSH_HIDDEN.pass();
    try {
      var queued = controller.push(push);
      Failpoint.PUSH_QUEUED.pass();
      return queued;
    } catch (Refused | InterruptedException | RuntimeException e) {
      target.read(real -> drop(real, hidden));
      throw e;
    }
  }

  private GitWire.Push hide(FileRepository real, String hidden, String id, ReceiveCommand command)
      throws IOException {
    if (!policy.uploads(command)) {
      DeployBranch.remember(real, command.getRefName().substring(Refs.BRANCHES.length()));
    }
    Refs.set(real, hidden, command.getNewId());
    try (var walk = new RevWalk(real)) {
      return push(id, command, walk.parseCommit(command.getNewId()));
    }
  }

  private GitWire.Push push(String id, ReceiveCommand command, RevCommit commit) {
    var old = command.getOldId();
    return new GitWire.Push(
        id,
        grant.stackId(),
        actor.accountId(),
        old.equals(ObjectId.zeroId()) ? null : old.name(),
        command.getNewId().name(),
        policy.uploads(command) || command.getType() == ReceiveCommand.Type.UPDATE_NONFASTFORWARD,
        policy.uploads(command),
        options.choices(),
        words(commit.getAuthorIdent().getName()),
        words(commit.getShortMessage()));
  }

  private static String words(String text) {
    var plain = Screen.clean(text);
    return plain.length() > MAX_WORDS ? plain.substring(0, MAX_WORDS) : plain;
  }

  private static boolean drop(FileRepository real, String hidden) throws IOException {
    Refs.delete(real, hidden);
    return true;
  }
}

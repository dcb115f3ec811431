package dev.widemesh.git;

import dev.widemesh.api.ApiException;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A push that has arrived: judged, accepted, shown; in the end git's status is the deployment's
/// outcome.
record Push(
    PushAnswer asked, StackRepository target, Quarantine quarantine, Conversation conversation) {
  private static final Logger log = LoggerFactory.getLogger(Push.class);

  /// Throws nothing: an exception would cost the client the reason.
  void execute(Receive receive, List<ReceiveCommand> commands) {
    var screen = receive.screen();
    try {
      run(receive, commands, screen);
    } catch (Refused refusal) {
      screen.refuse(refusal.what(), refusal.remedy());
      refusePending(commands, refusal.what());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      refusePending(commands, "the git gateway is stopping: push again in a moment");
    } catch (IOException | RuntimeException e) {
      log.error("a push to stack {} failed", asked.grant().stackId(), e);
      refusePending(commands, "the git gateway failed, its log says why: push again in a moment");
    }
  }

  private void run(Receive receive, List<ReceiveCommand> commands, Screen screen)
      throws IOException, InterruptedException, Refused {
    Failpoint.PUSH_RECEIVED.pass();
    var options = PushOptions.parse(receive.options());
    var policy = new PushPolicy(deployRef(commands), receive.isAtomic());
    policy.judge(commands, receive.getRevWalk());
    if (policy.atomic() && Acceptance.pending(commands).size() < commands.size()) {
      refusePending(commands, "another ref of this atomic push was refused");
      return;
    }
    var acceptance =
        new Acceptance(
            asked.controller(), target, quarantine, asked.grant(), asked.actor(), policy, options);
    var queued = acceptance.run(commands);
    sayWhatDoesNotDeploy(commands, policy, screen);
    if (queued.isPresent()) {
      var command = commands.stream().filter(policy::deploys).findFirst().orElseThrow();
      if (policy.uploads(command)) {
        // `mesh deploy` follows it by itself.
        command.setResult(ReceiveCommand.Result.OK);
      } else {
        follow(command, queued.get(), screen);
      }
    }
  }

  private String deployRef(List<ReceiveCommand> commands) throws IOException {
    var names = commands.stream().map(ReceiveCommand::getRefName).collect(Collectors.toSet());
    return target.read(
        real -> DeployBranch.ref(DeployBranch.chosenBy(names, real, asked.grant().branch())));
  }

  private static void sayWhatDoesNotDeploy(
      List<ReceiveCommand> commands, PushPolicy policy, Screen screen) {
    for (var command : commands) {
      var stored = command.getResult() == ReceiveCommand.Result.OK;
      if (stored && command.getType() != ReceiveCommand.Type.DELETE) {
        screen.show(
            Draft.detail(
                "%s is kept but not deployed; only %s deploys"
                    .formatted(shorten(command.getRefName()), shorten(policy.deployRef()))));
      }
    }
  }

  private static String shorten(String ref) {
    return Repository.shortenRefName(ref);
  }

  private void follow(ReceiveCommand command, DeploymentView queued, Screen screen)
      throws InterruptedException {
    var label = queued.label();
    screen.show(
        Draft.step(
            "%s accepted; it goes on if you disconnect: mesh deployments show %s --follow"
                .formatted(label, label)));
    var verdict = new Following(asked.controller(), queued, conversation, screen).watch();
    switch (verdict) {
      case Verdict.Live() -> finish(command, screen);
      case Verdict.NotLive(var reason) -> PushPolicy.refuse(command, reason);
      case Verdict.Unknown(var reason) -> PushPolicy.refuse(command, reason);
    }
  }

  /// The branch moves before git says that it did.
  private void finish(ReceiveCommand command, Screen screen) {
    try {
      asked.projector().project(asked.grant().stackId());
    } catch (IOException | ApiException e) {
      log.warn("the branch of stack {} is moved later", asked.grant().stackId(), e);
      screen.show(Draft.detail("It is live; the branch on the server follows in a moment."));
    }
    command.setResult(ReceiveCommand.Result.OK);
  }

  private static void refusePending(List<ReceiveCommand> commands, String why) {
    for (var command : Acceptance.pending(commands)) {
      PushPolicy.refuse(command, why);
    }
  }
}

package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.command.CommandFactory;
import org.apache.sshd.server.shell.ShellFactory;
import org.jspecify.annotations.Nullable;

/// From a command's text to what answers it: authorised before git reads a byte.
final class ClientCommands implements CommandFactory, ShellFactory {
  /// Those who wait for their deployment included; each may have a megabyte under way.
  private static final int OPEN = 100;

  private static final int OPEN_OF_ONE = 25;

  /// git-lfs has eight of them for as long as it moves files, and for locks one more when it first
  /// pushes: room for four at once, since one that is refused fails without a word of ours.
  private static final int LFS_OPEN = 108;

  private static final int LFS_OPEN_OF_ONE = 36;

  private static final int NOT_FOR_US = 128;

  private final Repositories repositories;
  private final Controller controller;
  private final Projector projector;
  private final Conversations conversations;
  private final PushLimits limits;
  private final Turns open = new Turns(OPEN, OPEN_OF_ONE, Duration.ZERO);
  private final Turns lfsOpen = new Turns(LFS_OPEN, LFS_OPEN_OF_ONE, Duration.ZERO);
  // Whoever fetches slowly holds up no push.
  private final PushTurns pushes = new PushTurns();
  private final Turns fetches = new Turns(6, 2, Duration.ofMinutes(1));
  private final LfsTurns uploads;
  private final LfsTurns downloads;

  ClientCommands(
      Repositories repositories,
      Controller controller,
      Projector projector,
      Conversations conversations,
      PushLimits limits) {
    this.limits = limits;
    this.uploads = LfsTurns.of(limits);
    this.downloads = LfsTurns.of(limits);
    this.repositories = repositories;
    this.controller = controller;
    this.projector = projector;
    this.conversations = conversations;
  }

  @Override
  public Command createCommand(ChannelSession channel, String text) {
    return command(channel, Optional.of(text));
  }

  @Override
  public Command createShell(ChannelSession channel) {
    return command(channel, Optional.empty());
  }

  private Command command(ChannelSession channel, Optional<String> text) {
    var login = channel.getServerSession().getAttribute(Login.KEY);
    var command = text.map(GitCommand::parse);
    return new ClientCommand(conversation -> serve(conversation, login, command), conversations);
  }

  private int serve(Conversation conversation, @Nullable Login login, Optional<GitCommand> command)
      throws IOException, InterruptedException, Refused {
    try {
      return answer(conversation, login, command);
    } catch (Refused e) {
      if (command.filter(GitCommand.LfsAuthenticate.class::isInstance).isPresent()) {
        conversation.tell(e.text());
        return NOT_FOR_US;
      }
      throw e;
    }
  }

  private int answer(Conversation conversation, @Nullable Login login, Optional<GitCommand> command)
      throws IOException, InterruptedException, Refused {
    return switch (login) {
      case null -> throw new Refused("who are you?", "add your key: mesh keys add");
      case Login.Unverified() ->
          throw new Refused(
              "the control plane does not answer; what is deployed keeps running",
              "try again in a moment");
      case Login.Known(var actor) -> {
        try (var _ = open(command).take(actor.accountId())) {
          yield command.isPresent()
              ? run(conversation, actor, command.get())
              : greet(conversation, actor);
        }
      }
    };
  }

  private Turns open(Optional<GitCommand> command) {
    return command.filter(GitCommand::isLfs).isPresent() ? lfsOpen : open;
  }

  private int run(Conversation conversation, GitWire.Actor actor, GitCommand command)
      throws IOException, InterruptedException, Refused {
    return switch (command) {
      case GitCommand.ReceivePack(var environment, var stack) -> {
        var grant = authorize(actor, environment.value(), stack.value(), true);
        yield new PushAnswer(repositories, controller, projector, pushes, limits, actor, grant)
            .give(conversation);
      }
      case GitCommand.UploadPack(var environment, var stack) -> {
        var grant = authorize(actor, environment.value(), stack.value(), false);
        yield new FetchAnswer(repositories, fetches, actor, grant).give(conversation);
      }
      case GitCommand.LfsTransfer(var environment, var stack, var upload) -> {
        var right = LfsRight.of(() -> authorize(actor, environment.value(), stack.value(), upload));
        yield lfs(actor, right, upload).give(conversation);
      }
      case GitCommand.LfsAuthenticate(var environment, var stack, var upload) -> {
        var _ = authorize(actor, environment.value(), stack.value(), upload);
        conversation.tell(GitCommand.LFS_NEEDS);
        yield NOT_FOR_US;
      }
      case GitCommand.Refused(var git, var why) -> {
        if (git) {
          conversation.refuse(why);
        } else {
          conversation.tell(why);
        }
        yield NOT_FOR_US;
      }
    };
  }

  private LfsAnswer lfs(GitWire.Actor actor, LfsRight right, boolean upload) throws IOException {
    var grant = right.grant();
    var repository = repositories.require(grant.stackId(), grant.branch());
    var store = new LfsStore(repository, repositories, limits);
    var turns = upload ? uploads : downloads;
    return new LfsAnswer(store, turns, limits, actor.accountId(), right, upload);
  }

  private GitWire.Grant authorize(
      GitWire.Actor actor, String environment, String stack, boolean write) throws Refused {
    return controller.authorize(
        new GitWire.Authorize(actor.accountId(), environment, stack, write));
  }

  private static int greet(Conversation conversation, GitWire.Actor actor) throws IOException {
    conversation.tell(
        "Hi %s, your key works, but there is no shell here.\nTry: %s"
            .formatted(Screen.clean(actor.name()), GitCommand.USE));
    return 1;
  }
}

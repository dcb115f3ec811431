package dev.widemesh.git;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.errors.TooLargePackException;
import org.eclipse.jgit.internal.submodule.SubmoduleValidator.SubmoduleValidationException;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.eclipse.jgit.transport.ReceivePack;

/// git's side of a push, into a quarantine. What becomes of the refs is for [Commands] to say.
final class Receive extends ReceivePack {
  private static final long MAX_COMMANDS = 1_000_000;

  /// Decides and acts; sets a result on every command, and throws nothing.
  interface Commands {
    void execute(Receive receive, List<ReceiveCommand> commands);
  }

  private final Quarantine quarantine;
  private final IncomingPack incoming;
  private final PushLimits limits;
  private final Commands commands;
  private final PushedObjects objects;

  Receive(
      Quarantine quarantine,
      Map<String, Ref> advertised,
      IncomingPack incoming,
      PushLimits limits,
      Commands commands)
      throws IOException {
    super(quarantine.scratch());
    this.quarantine = quarantine;
    this.incoming = incoming;
    this.limits = limits;
    this.commands = commands;
    this.objects = new PushedObjects(limits);
    setAdvertisedRefs(advertised, Set.of());
    setLimits();
    var standard = getUnpackErrorHandler();
    setUnpackErrorHandler(
        failure -> {
          explain(failure);
          standard.handleUnpackException(failure);
        });
  }

  private void setLimits() {
    setObjectChecker(objects);
    setMaxObjectSizeLimit(limits.file());
    setMaxPackSizeLimit(limits.pack());
    setMaxCommandBytes(MAX_COMMANDS);
    setAllowNonFastForwards(true);
    setAllowDeletes(true);
    setAllowPushOptions(true);
  }

  Screen screen() {
    return new Screen(getMessageOutputStream());
  }

  /// Within the bound on commands.
  List<String> options() {
    return Optional.ofNullable(getPushOptions()).orElse(List.of());
  }

  @Override
  protected void receivePackAndCheckConnectivity()
      throws IOException, LargeObjectException, SubmoduleValidationException {
    incoming.packBegins();
    try {
      quarantine.allowShallow(getClientShallowCommits());
      super.receivePackAndCheckConnectivity();
    } finally {
      objects.close();
      incoming.packEnds();
    }
  }

  @Override
  protected void executeCommands() {
    commands.execute(this, filterCommands(ReceiveCommand.Result.NOT_ATTEMPTED));
  }

  /// git shows JGit's words too, but those are for programmers.
  private void explain(Throwable failure) {
    switch (failure) {
      case PackRefused refused ->
          screen().refuse(refused.refusal().what(), refused.refusal().remedy());
      case TooLargeObjectInPackException _ ->
          screen()
              .refuse(
                  "A file is larger than %d MB".formatted(limits.fileMegabytes()),
                  "keep large files out of git, and out of its history");
      case TooLargePackException _ ->
          screen()
              .refuse(
                  "The push is larger than %d MB".formatted(limits.packMegabytes()),
                  "keep large files out of git, and out of its history");
      case MissingObjectException _ ->
          screen()
              .refuse(
                  "The history is cut off (a shallow clone) where the server needs it",
                  "git fetch --unshallow origin, then push again");
      default -> {}
    }
  }
}

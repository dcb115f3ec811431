package dev.widemesh.git;

import java.io.IOException;
import java.util.List;
import java.util.Map;
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
  private static final int MAX_OBJECT = 100_000_000;
  // The next delta and what it gives, for each of two pushes.
  private static final long RESERVE = 3L * MAX_OBJECT;
  private static final long MAX_PACK = 2_000_000_000L;
  private static final long MAX_COMMANDS = 1_000_000;
  private static final int TIMEOUT_SECONDS = 120;

  /// Decides and acts; sets a result on every command, and throws nothing.
  interface Commands {
    void execute(Receive receive, List<ReceiveCommand> commands);
  }

  /// Where a push waits before it is read.
  interface Queue {
    Turns.Turn await() throws InterruptedException, Refused;
  }

  private final Quarantine quarantine;
  private final Queue unpacking;
  private final Commands commands;

  Receive(Quarantine quarantine, Map<String, Ref> advertised, Queue unpacking, Commands commands)
      throws IOException {
    super(quarantine.scratch());
    this.quarantine = quarantine;
    this.unpacking = unpacking;
    this.commands = commands;
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
    setObjectChecker(new PushedObjects(RESERVE));
    setMaxObjectSizeLimit(MAX_OBJECT);
    setMaxPackSizeLimit(MAX_PACK);
    setMaxCommandBytes(MAX_COMMANDS);
    setTimeout(TIMEOUT_SECONDS);
    setAllowNonFastForwards(true);
    setAllowDeletes(true);
  }

  Screen screen() {
    return new Screen(getMessageOutputStream());
  }

  @Override
  protected void receivePackAndCheckConnectivity()
      throws IOException, LargeObjectException, SubmoduleValidationException {
    try (var _ = unpacking.await()) {
      quarantine.allowShallow(getClientShallowCommits());
      super.receivePackAndCheckConnectivity();
    } catch (Refused refusal) {
      screen().refuse(refusal.what(), refusal.remedy());
      throw new IOException(refusal.what(), refusal);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the git gateway is stopping", e);
    }
  }

  @Override
  protected void executeCommands() {
    commands.execute(this, filterCommands(ReceiveCommand.Result.NOT_ATTEMPTED));
  }

  /// git shows JGit's words too, but those are for programmers.
  private void explain(Throwable failure) {
    switch (failure) {
      case TooLargeObjectInPackException _ ->
          screen()
              .refuse(
                  "A file is larger than %d MB".formatted(MAX_OBJECT / 1_000_000),
                  "keep large files out of git, and out of its history");
      case TooLargePackException _ ->
          screen()
              .refuse(
                  "The push is larger than %d MB".formatted(MAX_PACK / 1_000_000),
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

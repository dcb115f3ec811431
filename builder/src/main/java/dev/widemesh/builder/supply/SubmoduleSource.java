package dev.widemesh.builder.supply;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.SourceTooLarge;
import dev.widemesh.builder.Sources;
import dev.widemesh.builder.Sources.Found;
import dev.widemesh.builder.Sources.Remote;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The tree of exactly one commit, with the trees that it names itself. Once one stack fetched it,
/// that stack needs to ask nobody again.
record SubmoduleSource(
    String stack,
    String commit,
    Sources sources,
    Remote remote,
    Gate gate,
    Room room,
    Nested nested)
    implements Source {
  @Override
  public String key() {
    return "submodule %s %s %s".formatted(stack, remote.repository(), commit);
  }

  @Override
  public Optional<Arrival> fetch(Optional<Shelf.Note> known, Path into)
      throws IOException, InterruptedException, BuildRefused {
    if (known.isPresent()) {
      return Optional.empty();
    }
    var whole = nested.place(written(into), into);
    return Optional.of(new Arrival(commit, "", whole));
  }

  private Sources.Written written(Path into) throws IOException, BuildRefused {
    try {
      return sources.export(remote, new Found("", commit), into, room.left());
    } catch (SourceTooLarge e) {
      throw gate.refusal().orElse(room.isOfOne() ? refused(e) : room.refusal());
    } catch (SourceRefused e) {
      throw gate.refusal().orElse(refused(e));
    } catch (IOException e) {
      throw gate.refusal().orElseThrow(() -> e);
    }
  }

  private static BuildRefused refused(SourceRefused e) {
    return BuildRefused.because(String.valueOf(e.getMessage()), e.nextStep());
  }
}

package dev.widemesh.builder.supply;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources;
import dev.widemesh.builder.Sources.Remote;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.BuildpackReference.Git;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The tree of a commit. A full commit's id needs no question once it was fetched.
record GitSource(Git reference, Sources sources, Remote remote, Gate gate) implements Source {
  @Override
  public String key() {
    return "git " + reference.repository() + " " + reference.ref();
  }

  @Override
  public String commit(String mark) {
    return mark;
  }

  @Override
  public Optional<Arrival> fetch(Optional<Shelf.Note> known, Path into)
      throws IOException, BuildRefused {
    if (known.filter(note -> note.mark().equals(reference.ref())).isPresent()) {
      return Optional.empty();
    }
    try {
      return fetchNewer(known, into);
    } catch (SourceRefused e) {
      var refused = BuildRefused.because(String.valueOf(e.getMessage()), e.nextStep());
      throw gate.refusal().orElse(refused);
    } catch (IOException e) {
      throw gate.refusal().orElseThrow(() -> e);
    }
  }

  private Optional<Arrival> fetchNewer(Optional<Shelf.Note> known, Path into)
      throws IOException, BuildRefused {
    var found = sources.find(remote, reference.ref());
    if (found.isEmpty()) {
      throw BuildRefused.because(
          reference.ref().isEmpty()
              ? "%s has no commit yet".formatted(reference.repository())
              : "%s has no branch, tag or commit %s"
                  .formatted(reference.repository(), reference.ref()),
          "correct what stands after # in mesh stack buildpacks");
    }
    var commit = found.get().commit();
    if (known.filter(note -> note.mark().equals(commit)).isPresent()) {
      return Optional.empty();
    }
    var limits = new Sources.Limits(Supply.MOST_UNPACKED, Supply.MOST_FILES);
    var _ = sources.export(remote, found.get(), into, limits);
    return Optional.of(new Arrival(commit, "", Extent.of(into)));
  }
}

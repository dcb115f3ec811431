package dev.widemesh.git;

import dev.widemesh.builder.SourceRefused;
import dev.widemesh.builder.Sources.Found;
import dev.widemesh.builder.Sources.Limits;
import dev.widemesh.builder.Sources.Remote;
import dev.widemesh.builder.Sources.Written;
import dev.widemesh.model.ShownAddress;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.internal.JGitText;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevTree;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/// A repository of somebody else, read over https: what its names stand for, and the tree of one
/// commit. Its packs are looked through like those of a push.
record OutsideRepository(Remote remote) {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final String FETCHED = "refs/widemesh/fetched";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /// Of others we take less at a time than of those who push here.
  private static final PushLimits LIMITS =
      new PushLimits(
          50_000_000,
          500_000_000L,
          200_000,
          10_000_000,
          2_000_000_000L,
          PATIENCE,
          PATIENCE,
          PushLimits.DEFAULT.pace(),
          PushLimits.DEFAULT.freeDisk());

  /// One at a time makes large deltas: they take memory.
  private static final Turns HEAVY = new Turns(1, 1, PATIENCE);

  /// A commit is what it is, whatever names there are.
  Optional<Found> find(String ref) throws IOException {
    if (COMMIT.matcher(ref).matches()) {
      return Optional.of(new Found("", ref));
    }
    try (var transport = open(Transport.open(address()))) {
      try (var connection = transport.openFetch()) {
        return find(connection.getRefsMap(), ref);
      }
    } catch (TransportException e) {
      throw refused(e);
    }
  }

  private static Optional<Found> find(Map<String, Ref> refs, String ref) {
    var names =
        ref.isEmpty()
            ? List.of("HEAD", "refs/heads/main", "refs/heads/master")
            : List.of("refs/heads/" + ref, "refs/tags/" + ref, ref);
    for (var name : names) {
      var found = refs.get(name);
      if (found != null && found.getObjectId() != null) {
        var peeled = found.getPeeledObjectId();
        var commit = peeled == null ? found.getObjectId() : peeled;
        return Optional.of(new Found(name, commit.name()));
      }
    }
    return Optional.empty();
  }

  Written export(Found found, Path into, Limits limits) throws IOException {
    var folder = Files.createTempDirectory(remote.scratch(), "git");
    var git = folder.resolve("repository.git");
    BareRepository.create(git, "main");
    try (var repository = new ScannedRepository(git, LIMITS, HEAVY)) {
      fetch(repository, found);
      try (var walk = new RevWalk(repository);
          var reader = repository.newObjectReader()) {
        var tree = commit(walk, repository.exactRef(FETCHED), found).getTree();
        return new TreeExport(reader, limits, into, modules(reader, tree), lfs()).write(tree);
      }
    } catch (TransportException e) {
      throw refused(e);
    } catch (MissingObjectException
        | IncorrectObjectTypeException
        | CorruptObjectException
        | ArrayIndexOutOfBoundsException e) {
      // JGit runs beyond the end of a tree that is broken.
      throw unreadable("what it sent of %.7s is not whole".formatted(found.commit()), e);
    } finally {
      // Others are fetched before the scratch goes.
      Disk.deleteTree(folder);
    }
  }

  /// What was asked for by its id gets no name, and must be a commit itself.
  private RevCommit commit(RevWalk walk, @Nullable Ref named, Found found) throws IOException {
    var tip =
        walk.parseAny(named == null ? ObjectId.fromString(found.commit()) : named.getObjectId());
    var meant = found.name().isEmpty() ? tip : walk.peel(tip);
    if (!meant.name().equals(found.commit())) {
      throw new SourceRefused(
          "%s moved on while it was fetched".formatted(remote.repository()), "push again");
    }
    if (meant instanceof RevCommit commit) {
      return commit;
    }
    throw new SourceRefused(
        "%s has no commit %.7s: that is a %s there"
            .formatted(remote.repository(), found.commit(), Constants.typeString(meant.getType())),
        switch (remote.use()) {
          case BUILDPACK -> "name a commit of it, a branch or a tag";
          case SUBMODULE ->
              "check out a commit in the submodule, git add its folder, commit and push again";
        });
  }

  private ModulesFile modules(ObjectReader reader, RevTree tree) throws IOException {
    return switch (remote.use()) {
      case BUILDPACK -> ModulesFile.NONE;
      case SUBMODULE -> ModulesFile.read(reader, tree, new SourcePath(""));
    };
  }

  private LfsFiles lfs() {
    return switch (remote.use()) {
      case BUILDPACK -> LfsFiles.NONE;
      case SUBMODULE ->
          (_, _) -> {
            throw new SourceRefused(
                "%s has files of git LFS, which are not fetched from there"
                    .formatted(remote.repository()),
                "commit its files instead of the submodule");
          };
    };
  }

  private void fetch(ScannedRepository repository, Found found) throws IOException {
    var source = found.name().isEmpty() ? found.commit() : found.name();
    try (var transport = open(Transport.open(repository, address()))) {
      transport.setTagOpt(TagOpt.NO_TAGS);
      transport.setDepth(1);
      transport.fetch(
          NullProgressMonitor.INSTANCE, List.of(new RefSpec("+" + source + ":" + FETCHED)));
    }
  }

  private URIish address() throws IOException {
    try {
      return new URIish(remote.repository().toString());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private Transport open(Transport transport) throws IOException {
    if (!(transport instanceof TransportHttp http)) {
      transport.close();
      throw new IOException(remote.repository() + " is not reached over https");
    }
    http.setHttpConnectionFactory(new GuardedConnections(remote));
    http.setTimeout(Math.toIntExact(remote.silence().toSeconds()));
    return http;
  }

  /// JGit wraps what went wrong in sentences of its own.
  private SourceRefused refused(TransportException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PackRefused pack) {
        return new SourceRefused(
            "%s is not taken: %s".formatted(remote.repository(), pack.refusal().what()),
            switch (remote.use()) {
              case BUILDPACK -> "take a smaller repository, or pack what is needed as a .tgz";
              case SUBMODULE ->
                  "take a smaller repository, or commit the files that are needed instead of the"
                      + " submodule";
            });
      }
    }
    return unreadable(Screen.clean(words(failure)), failure);
  }

  private SourceRefused unreadable(String why, Exception cause) {
    var refused =
        new SourceRefused(
            "git cannot read %s (%s)".formatted(remote.repository(), why),
            switch (remote.use()) {
              case BUILDPACK -> "correct the address, or push again later";
              case SUBMODULE ->
                  "push that commit there, let it be read without a login, or commit the files"
                      + " instead of the submodule";
            });
    refused.initCause(cause);
    return refused;
  }

  private String words(TransportException failure) {
    var said = String.valueOf(failure.getMessage());
    if (said.contains(JGitText.get().noCredentialsProvider)) {
      return "it asks for a login";
    }
    return ShownAddress.in(said.replace(remote.repository() + ": ", ""));
  }
}

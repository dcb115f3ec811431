package dev.widemesh.git;

import dev.widemesh.api.GitWire;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.storage.pack.PackConfig;

/// `git clone`, `fetch`, `ls-remote`.
record FetchAnswer(Repositories repositories, Turns turns, GitWire.Actor actor, GitWire.Grant grant)
    implements Answer {
  private static final int TIMEOUT_SECONDS = 120;
  private static final long MAX_QUESTION = 20_000_000;

  @Override
  public int give(Conversation conversation) throws IOException, InterruptedException, Refused {
    try (var _ = turns.take(actor.accountId())) {
      var source = repositories.require(grant.stackId(), grant.branch());
      return source.read(repository -> serve(repository, conversation));
    }
  }

  private static int serve(FileRepository repository, Conversation conversation)
      throws IOException {
    var boundary = repository.getObjectDatabase().getShallowCommits();
    try (var pack = new Upload(repository, boundary, conversation.out())) {
      pack.setRefFilter(FetchAnswer::visible);
      pack.setTimeout(TIMEOUT_SECONDS);
      pack.setPackConfig(asStored(repository));
      // Version 2 has no place for the boundary; its clients understand the older answer.
      if (boundary.isEmpty() && !conversation.protocol().isEmpty()) {
        pack.setExtraParameters(conversation.protocol());
      }
      var in =
          new BoundedInput(
              conversation.in(), MAX_QUESTION, "the client asks for too much in one fetch");
      pack.upload(in, conversation.out(), OutputStream.nullOutputStream());
      return 0;
    }
  }

  /// Deltas that are there are sent; to look for new ones takes ten files in memory at once.
  private static PackConfig asStored(FileRepository repository) {
    var config = new PackConfig(repository);
    config.setDeltaCompress(false);
    config.setThreads(1);
    return config;
  }

  private static Map<String, Ref> visible(Map<String, Ref> refs) {
    var shown = new HashMap<>(refs);
    shown.keySet().removeIf(name -> !name.equals(Constants.HEAD) && !Refs.isVisible(name));
    return shown;
  }
}

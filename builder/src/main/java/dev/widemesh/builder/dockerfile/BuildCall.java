package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.BuildResponseItem;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/// The engine's build call: its classic builder, which can be limited.
final class BuildCall implements AutoCloseable {
  private final Engine engine;
  private final Progress progress;
  private final String network;
  private final ResultCallback.Adapter<BuildResponseItem> messages;
  private volatile boolean closed;

  BuildCall(Engine engine, String network, Progress progress) {
    this.engine = engine;
    this.network = network;
    this.progress = progress;
    this.messages = new Messages();
  }

  private final class Messages extends ResultCallback.Adapter<BuildResponseItem> {
    @Override
    public void onStart(Closeable stream) {
      super.onStart(stream);
      if (closed) {
        BuildCall.this.close(); // it was told so before there was anything to leave
      }
    }

    @Override
    public void onNext(BuildResponseItem item) {
      var text = item.getStream();
      if (text != null) {
        progress.accept(text);
      }
      var error = item.getErrorDetail();
      if (error != null) {
        progress.fail(String.valueOf(error.getMessage()));
      }
    }
  }

  /// Runs to the end, or until [#close]. `dockerfile` names a file in the context.
  void run(Path context, String dockerfile, String tag, Map<String, String> arguments, long memory)
      throws IOException, InterruptedException {
    try (var tar = Files.newInputStream(context)) {
      var build =
          engine
              .streams()
              .buildImageCmd(tar)
              .withDockerfilePath(dockerfile)
              .withTags(Set.of(tag))
              .withNetworkMode(network)
              .withMemory(memory)
              .withMemswap(memory)
              .withCpushares(String.valueOf(BuildLimits.CPU_SHARES))
              .withRemove(true)
              // A container whose step failed stays, to be asked what it died of.
              .withForcerm(false);
      arguments.forEach(build::withBuildArg);
      build.exec(messages).awaitCompletion();
    }
  }

  /// The engine ends a build whose client is gone.
  @Override
  public void close() {
    closed = true;
    try {
      messages.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot leave the engine", e);
    }
  }
}

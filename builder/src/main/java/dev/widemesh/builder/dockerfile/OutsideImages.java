package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.builder.lifecycle.Engine;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// Images of others in the engine, for one build until this is closed. They come as base images of
/// Dockerfiles do: from public registries and those that the operator opened, with the logins of
/// the environment, and proven to be open to it.
public final class OutsideImages implements AutoCloseable {
  private final Engine engine;
  private final EngineImages images;
  private final StoppableImages stoppable;

  OutsideImages(Engine engine, EngineImages images) {
    this.engine = engine;
    this.images = images;
    this.stoppable = new StoppableImages(images, engine.root());
  }

  /// `name` is as it was asked for, `id` the engine's, which nothing else can have; `pinned` is the
  /// name with the digest that its registry gave it.
  public record Pulled(
      String name, String id, String pinned, Map<String, String> labels, Map<String, String> env) {
    public Pulled {
      labels = Map.copyOf(labels);
      env = Map.copyOf(env);
    }
  }

  /// What that name stands for now.
  public Pulled pull(String name) throws IOException, InterruptedException, BuildRefused {
    var id = stoppable.find(Instruction.taking(name), name);
    var config = engine.calls().inspectImageCmd(id).exec().getConfig();
    var labels = config == null ? null : config.getLabels();
    var env = config == null ? null : config.getEnv();
    return new Pulled(
        name,
        id,
        images.digest().map(digest -> pinned(name, digest)).orElse(name),
        labels == null ? Map.of() : labels,
        env == null ? Map.of() : variables(env));
  }

  private static String pinned(String name, String digest) {
    return name.replaceFirst("@.*", "") + "@" + digest;
  }

  private static Map<String, String> variables(String[] lines) {
    var all = new HashMap<String, String>();
    for (var line : lines) {
      var equals = line.indexOf('=');
      if (equals > 0) {
        all.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return all;
  }

  /// Ends a pull that is under way, from any thread.
  public void stop() {
    stoppable.stop();
  }

  public boolean isStopped() {
    return stoppable.isStopped();
  }

  @Override
  public void close() {
    images.close();
  }
}

package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.OutputLine.Draft;
import dev.widemesh.builder.image.EngineImage;
import dev.widemesh.builder.image.ImageExporter;
import dev.widemesh.builder.lifecycle.BuildLimits;
import dev.widemesh.builder.lifecycle.Engine;
import dev.widemesh.builder.lifecycle.LifecycleConfig;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build with a Dockerfile: what it has until it is closed, whoever runs it. `folder` and
/// `network` are its own.
record DockerfileTask(
    LifecycleConfig config,
    Engine engine,
    ImageExporter exporter,
    DockerfileRequest request,
    Dockerfile dockerfile,
    Path folder,
    Consumer<Draft> output,
    BuildNetworks.Taken network,
    EngineImages images,
    Runnable onClose)
    implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DockerfileTask.class);

  /// Of a task with that folder.
  static Path workspace(Path folder) {
    return folder.resolve("workspace");
  }

  Path workspace() {
    return workspace(folder);
  }

  String stack() {
    return request.stackId();
  }

  Mark mark() {
    return new Mark(engine.platform(), stack());
  }

  BuildLimits limits() {
    return config.limits();
  }

  /// What was pushed, taken over without the marks.
  EngineImage adopted(String digest) throws IOException {
    return exporter.adopt(request.repository(), digest, Mark.NAMES);
  }

  /// Ends their programs; the containers stay to be asked.
  void killContainers() {
    try {
      mark().containers(engine).forEach(container -> engine.kill(container.getId()));
    } catch (RuntimeException e) {
      log.warn("containers of {} go when the build is closed: {}", mark(), e.toString());
    }
  }

  void removeContainers() {
    mark().containers(engine).forEach(container -> engine.remove(container.getId()));
  }

  @Override
  public void close() throws IOException {
    try {
      removeContainers();
    } catch (RuntimeException e) {
      log.warn("containers of {} stay till the next start: {}", mark(), e.getMessage());
    }
    network.close();
    images.close();
    onClose.run();
    WorkFolders.delete(folder);
  }
}

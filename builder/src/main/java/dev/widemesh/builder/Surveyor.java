package dev.widemesh.builder;

import dev.widemesh.api.Survey;
import dev.widemesh.builder.dockerfile.DockerfileBuilds;
import dev.widemesh.builder.lifecycle.Lifecycle;
import dev.widemesh.builder.registry.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Says which builds are under way, what is left of others, and whether the images are whole.
record Surveyor(
    Path data,
    Lifecycle lifecycle,
    DockerfileBuilds dockerfiles,
    Registry registry,
    ImageCheck check,
    Bases bases,
    Map<String, String> claimed) {
  Survey.Build survey(List<String> images) {
    var troubles = new ArrayList<String>();
    // Folders first: a build that begins meanwhile is under way when its folder is there.
    var folders = new ArrayList<String>();
    var uploads = new ArrayList<String>();
    var leftovers = new ArrayList<String>();
    try {
      folders.addAll(lifecycle.strays());
      folders.addAll(dockerfiles.strays());
      leftovers.addAll(dockerfiles.leftovers());
      uploads.addAll(registry.strays());
      registry.held().stream().limit(Survey.MOST).forEach(troubles::add);
    } catch (IOException | RuntimeException e) {
      troubles.add("the builder's folders cannot be read: " + e.getMessage());
    }
    var builds = new TreeSet<>(claimed.values());
    builds.addAll(lifecycle.builds());
    builds.addAll(dockerfiles.builds());
    return new Survey.Build(
        troubles,
        disk(),
        bases.made().isPresent(),
        List.copyOf(builds),
        folders,
        leftovers.stream().limit(Survey.MOST).toList(),
        check.of(images),
        uploads);
  }

  private Survey.Disk disk() {
    try {
      var store = Files.getFileStore(data);
      return new Survey.Disk(data.toString(), store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException _) {
      return new Survey.Disk(data.toString(), 0, 0);
    }
  }
}

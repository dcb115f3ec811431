package dev.widemesh.builder.dockerfile;

import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything of Dockerfile builds that the engine lists, anybody's.
record Leftovers(List<Container> containers, List<Image> images) {
  private static final int SHOWN = 12;

  /// What is a platform's and should not be there, in words: neither of the stacks that are being
  /// built nor one of the kept images.
  List<String> besides(String platform, Set<String> busy, KeptImages kept) throws IOException {
    var left = new ArrayList<String>();
    for (var container : containers) {
      var stack = stack(platform, container.getLabels());
      if (stack.isPresent() && !busy.contains(stack.get())) {
        left.add("container " + container.getId().substring(0, SHOWN));
      }
    }
    for (var image : images) {
      var stack = stack(platform, image.getLabels());
      if (stack.isPresent()
          && !busy.contains(stack.get())
          && !kept.of(stack.get()).contains(image.getId())) {
        left.add("image " + image.getId().replace("sha256:", "").substring(0, SHOWN));
      }
    }
    return left;
  }

  private static Optional<String> stack(String platform, Map<String, String> labels) {
    var mark = String.valueOf(labels.get(Mark.NAME));
    var prefix = platform + "/";
    return Optional.of(mark)
        .filter(own -> own.startsWith(prefix))
        .map(own -> own.substring(prefix.length()));
  }
}

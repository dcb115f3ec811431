package dev.widemesh.builder.dockerfile;

import dev.widemesh.model.RegistryHost;

/// Where an image is from: a name without tag and digest, the same however it is written.
record Repository(RegistryHost host, String path) {
  static Repository of(String name) {
    var bare = name.replaceFirst("@.*", "").replaceFirst(":[^:/]*$", "");
    var first = bare.replaceFirst("/.*", "");
    var host = RegistryHost.ofImage(bare).orElse(new RegistryHost(first));
    var isSaid = bare.contains("/") && (host.value().equals(first) || isHost(first));
    var path = isSaid ? bare.substring(first.length() + 1) : bare;
    var isShort = host.equals(RegistryHost.HUB) && !path.contains("/");
    return new Repository(host, isShort ? "library/" + path : path);
  }

  private static boolean isHost(String word) {
    return RegistryHost.parse(word).isPresent();
  }
}

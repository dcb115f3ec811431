package dev.widemesh.builder.lifecycle;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How a build reaches the network: certificates to trust besides, and the operator's proxies.
public record Reach(Optional<Path> caBundle, Map<String, String> proxies) {
  private static final String CA_INSIDE = "/etc/ssl/certs/widemesh-ca.crt";

  // What each program calls the same thing.
  private static final List<String> CA_NAMES =
      List.of(
          "SSL_CERT_FILE",
          "NODE_EXTRA_CA_CERTS",
          "CURL_CA_BUNDLE",
          "GIT_SSL_CAINFO",
          "REQUESTS_CA_BUNDLE",
          "PIP_CERT",
          "npm_config_cafile");

  public Reach {
    proxies = Map.copyOf(proxies);
  }

  List<String> binds() {
    return caBundle.stream().map(file -> file + ":" + CA_INSIDE + ":ro").toList();
  }

  /// Variables that every program in the build gets.
  Map<String, String> environment() {
    var all = new TreeMap<String, String>();
    proxies.forEach(
        (name, value) -> {
          all.put(name.toUpperCase(Locale.ROOT), value);
          all.put(name.toLowerCase(Locale.ROOT), value);
        });
    if (caBundle.isPresent()) {
      CA_NAMES.forEach(name -> all.put(name, CA_INSIDE));
    }
    return all;
  }
}

package dev.widemesh.builder.dockerfile;

import dev.widemesh.model.RegistryHost;
import java.util.Locale;
import java.util.regex.Pattern;

/// What the engine says of a registry that it could not use. A registry may send it on to any
/// address, for a token say, so its words tell what answers inside of this machine's network: they
/// are for the operator, and people see one of a few of ours.
record EngineWords(String text) {
  private static final Pattern URL = Pattern.compile("https?://([^/\"\\s]+)(/v2/)?");
  private static final Pattern DENIED =
      Pattern.compile(
          "unauthorized|denied|authentication required|no basic auth|forbidden"
              + "|incorrect username or password");
  private static final Pattern UNKNOWN = Pattern.compile("not found|manifest unknown|name unknown");
  private static final Pattern TLS =
      Pattern.compile("x509|tls|certificate|http response to https client");
  private static final Pattern SILENT =
      Pattern.compile("refused|timeout|deadline|no such host|no route|unreachable|reset by|eof");
  private static final String NO_REGISTRY = "what answers is no registry";
  private static final int LONGEST = 500;

  boolean isDenial() {
    return DENIED.matcher(own()).find();
  }

  boolean isUnknown() {
    return UNKNOWN.matcher(own()).find();
  }

  /// Why that registry does not do.
  String of(RegistryHost host) {
    var words = own();
    if (words.contains("toomanyrequests")) {
      return "it allows no more pulls for now";
    }
    if (words.contains("no matching manifest")) {
      return "it has none for this machine's processor";
    }
    if (words.contains("no space left")) {
      return "this server's disk is full";
    }
    if (words.contains("invalid tar header")) {
      return "its layers are packed with what this server's Docker does not know; zstd takes Docker"
          + " 23 or newer";
    }
    if (!isAbout(host, words)) {
      return NO_REGISTRY;
    }
    if (TLS.matcher(words).find()) {
      return "its TLS certificate is not trusted here";
    }
    return SILENT.matcher(words).find() ? "it is silent" : NO_REGISTRY;
  }

  /// Whether the registry itself was asked, and not where it led to.
  private static boolean isAbout(RegistryHost host, String words) {
    var url = URL.matcher(words);
    if (!url.find() || url.group(2) == null) {
      return false;
    }
    return host.equals(RegistryHost.HUB)
        ? url.group(1).equals("registry-1.docker.io")
        : RegistryHost.parse(url.group(1)).filter(host::equals).isPresent();
  }

  /// Without what a server said that is perhaps no registry.
  private String own() {
    return text.toLowerCase(Locale.ROOT).replaceFirst("(?s)response body: .*", "response");
  }

  /// For the operator.
  @Override
  public String toString() {
    var line = text.replaceAll("\\s+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) : line;
  }
}

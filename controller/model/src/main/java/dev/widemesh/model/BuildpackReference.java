package dev.widemesh.model;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a buildpack comes from, as a stack names it.
public sealed interface BuildpackReference {
  /// One that the platform has itself.
  record Named(String id) implements BuildpackReference {}

  /// A folder of the stack's own repository, from its top.
  record Folder(String path) implements BuildpackReference {}

  /// A repository, and a branch, tag or commit of it; empty for its default branch.
  record Git(URI repository, String ref) implements BuildpackReference {}

  /// A packed folder, and its hash in hexadecimals where that was given.
  record Archive(URI file, Optional<String> sha256) implements BuildpackReference {}

  /// A buildpackage in a registry, as Docker names images.
  record Image(String name) implements BuildpackReference {}

  /// The order of all that the platform has itself: the first that recognises the app.
  String ALL_OURS = "widemesh/auto";

  int LONGEST = 400;
  Pattern NAMED = Pattern.compile("[a-z0-9]([a-z0-9._-]*[a-z0-9])?(/[a-z0-9][a-z0-9._-]*)+");
  Pattern REF = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._/+-]{0,198}[A-Za-z0-9_+-])?");
  Pattern SHA256 = Pattern.compile("sha256=([0-9a-f]{64})");
  Pattern IMAGE =
      Pattern.compile(
          "([A-Za-z0-9.-]+(:\\d{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+|/[a-z0-9]+)*"
              + "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?");

  /// For text that came from outside: throws [IllegalArgumentException] with the reason in words.
  static BuildpackReference parse(String text) {
    if (text.isEmpty() || text.length() > LONGEST || !text.matches("[!-~]+")) {
      throw refused(text, "is no text of 1 to %d characters without spaces".formatted(LONGEST));
    }
    if (text.startsWith("./")) {
      return folder(text);
    }
    if (text.startsWith("docker://")) {
      return image(text, text.substring("docker://".length()));
    }
    if (text.startsWith("https://") || text.startsWith("git+https://")) {
      return web(text);
    }
    if (text.contains("://") || text.startsWith("/") || text.startsWith("..")) {
      throw refused(text, "is neither https nor git+https, nor docker, nor a folder like ./mine");
    }
    var first = text.replaceFirst("/.*", "");
    if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
      return image(text, text);
    }
    if (NAMED.matcher(text).matches()) {
      return new Named(text);
    }
    throw refused(text, "is no buildpack's id, like widemesh/nodejs");
  }

  /// The reason against it, in words.
  static Optional<String> refusal(String text) {
    try {
      var _ = parse(text);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /// What helps against that.
  static String nextStep(String text) {
    return text.contains("?")
        ? "put it where its address needs no query, or name a private image"
            + " (docker://host/image:1, with mesh registry login)"
        : "mesh stack buildpacks add --help shows what can be named";
  }

  private static BuildpackReference folder(String text) {
    var path = text.substring(2).replaceFirst("/+$", "");
    for (var name : path.split("/", -1)) {
      if (name.equals("..") || name.equals(".") || name.contains("\\")) {
        throw refused(text, "does not stay in the repository");
      }
      if (name.isEmpty()) {
        throw refused(text, "is no folder below the repository's top");
      }
    }
    return new Folder(path);
  }

  private static BuildpackReference image(String text, String name) {
    if (!IMAGE.matcher(name).matches() || RegistryHost.ofImage(name).isEmpty()) {
      throw refused(text, "is no image's name, like docker://ghcr.io/me/buildpack:1.0");
    }
    return new Image(name);
  }

  private static BuildpackReference web(String text) {
    var isGit = text.startsWith("git+");
    var uri = uri(text, isGit ? text.substring("git+".length()) : text);
    var fragment = uri.getFragment() == null ? "" : uri.getFragment();
    var bare = URI.create(uri.toString().replaceFirst("#.*", ""));
    if (!isGit && uri.getPath().matches("(?i).*\\.(tgz|tar\\.gz)")) {
      var hash = SHA256.matcher(fragment);
      if (!fragment.isEmpty() && !hash.matches()) {
        throw refused(text, "has after # something else than sha256=HEXADECIMALS");
      }
      return new Archive(bare, fragment.isEmpty() ? Optional.empty() : Optional.of(hash.group(1)));
    }
    if (!fragment.isEmpty() && (!REF.matcher(fragment).matches() || fragment.contains(".."))) {
      throw refused(text, "has after # no branch, tag or commit");
    }
    return new Git(bare, fragment);
  }

  private static URI uri(String text, String address) {
    try {
      var uri = new URI(address);
      if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
        throw refused(text, "is not an address of something");
      }
      if (uri.getRawUserInfo() != null) {
        throw refused(text, "holds a name or password");
      }
      if (uri.getRawQuery() != null) {
        throw refused(
            text,
            "has a query, which all who see the stack could read: it needs an address without");
      }
      return uri;
    } catch (URISyntaxException _) {
      throw refused(text, "is not an address of something");
    }
  }

  /// Passwords and tokens are not repeated.
  private static IllegalArgumentException refused(String text, String why) {
    var tame =
        text.replaceFirst("(?s)//.*@(?!sha256:)", "//...@").replaceFirst("(?s)\\?.*", "?...");
    var shown = tame.length() > 80 ? tame.substring(0, 80) + "..." : tame;
    return new IllegalArgumentException("'%s' %s".formatted(shown.replaceAll("[^ -~]", "?"), why));
  }
}

package dev.widemesh.builder.debian;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where Debian's packages come from, as the operator names it:
/// `https://name:password@mirror.corp/debian`. `url` is that without the login and without a slash
/// at its end; `authorization` is for that host alone, and for no log.
public record MirrorAddress(String url, Optional<String> authorization) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?<scheme>https?://)(?:(?<login>[^/]*)@)?(?<place>[^/@\\s]+(?:/+[^/@\\s]+)*)/*");

  /// Throws [IllegalArgumentException], without repeating what may hold a password.
  public static MirrorAddress parse(String text) {
    var form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "WIDEMESH_DEBIAN_MIRROR is not like http://deb.debian.org/debian");
    }
    return new MirrorAddress(
        form.group("scheme") + form.group("place"),
        Optional.ofNullable(form.group("login")).map(OutwardProxy::basic));
  }

  String host() {
    return URI.create(url).getHost();
  }

  /// Whether the login is meant for whoever has that file.
  boolean has(URI file) {
    var mirror = URI.create(url);
    return mirror.getScheme().equals(file.getScheme())
        && mirror.getRawAuthority().equals(file.getRawAuthority());
  }

  /// For who is to correct it.
  String withLogin() {
    return url.replaceFirst("://", "://name:password@");
  }

  @Override
  public String toString() {
    return url;
  }
}

package dev.widemesh.builder.debian;

import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The operator's proxy, as `HTTPS_PROXY` names it: `http://name:password@proxy.corp:3128`, of
/// which all but the host may be left out. `authorization` is for that proxy alone, and for no log.
public record OutwardProxy(String host, int port, Optional<String> authorization) {
  private static final int USUAL = 3128;

  // A password may hold what an address may not, as people write it.
  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<scheme>[A-Za-z0-9]+)://)?(?:(?<login>.*)@)?"
              + "(?<host>\\[[0-9A-Fa-f:.]+]|[^\\s:/@\\[\\]]+)(?::(?<port>\\d{1,5}))?(?:/.*)?");

  /// Throws [IllegalArgumentException], without repeating what may hold a password.
  static OutwardProxy parse(String variable, String text) {
    var form = FORM.matcher(text.strip());
    var port = form.matches() ? port(form.group("port")) : -1;
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(variable + " is not like http://proxy.example.com:3128");
    }
    // What is to be told over TLS is not told without.
    var plain = form.group("scheme") == null || form.group("scheme").equalsIgnoreCase("http");
    var login = Optional.ofNullable(form.group("login")).filter(_ -> plain);
    return new OutwardProxy(form.group("host"), port, login.map(OutwardProxy::basic));
  }

  private static int port(@Nullable String digits) {
    return digits == null ? USUAL : Integer.parseInt(digits);
  }

  /// What is said of `name:password`, percent-encoded or not.
  static String basic(String login) {
    var plain = decoded(login);
    var both = plain.contains(":") ? plain : plain + ":";
    var bytes = both.getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  private static String decoded(String login) {
    try {
      return URLDecoder.decode(login.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      return login;
    }
  }

  InetSocketAddress unresolved() {
    return InetSocketAddress.createUnresolved(host, port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}

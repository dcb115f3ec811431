package dev.widemesh.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A stack of one platform, as a git remote names it: where that platform takes pushes, and which
/// of its stacks.
record StackRemote(String host, int port, Place place) {
  private static final int SSH = 22;
  private static final String PATH = "([^/:]+)/([^/]+?)(?:\\.git)?/?";
  private static final Pattern URL =
      Pattern.compile("ssh://(?:[^/@]+@)?(\\[[^/@\\]]+]|[^/@:]+)(?::(\\d{1,5}))?/" + PATH);
  private static final Pattern SCP_LIKE =
      Pattern.compile("(?:[^/@:]+@)?(\\[[^/@\\]]+]|[^/@:]+)():/?" + PATH);

  /// Empty when the URL does not name a stack on a Widemesh.
  static Optional<StackRemote> parse(String url) {
    for (var pattern : new Pattern[] {URL, SCP_LIKE}) {
      var matcher = pattern.matcher(url);
      if (matcher.matches()) {
        return of(matcher);
      }
    }
    return Optional.empty();
  }

  private static Optional<StackRemote> of(Matcher found) {
    var digits = found.group(2);
    var port = digits == null || digits.isEmpty() ? SSH : Integer.parseInt(digits);
    var host = found.group(1).toLowerCase(Locale.ROOT);
    return Place.of(found.group(3), found.group(4))
        .map(place -> new StackRemote(host, port, place));
  }
}

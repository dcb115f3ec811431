package dev.widemesh.cli;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import java.util.Optional;
import java.util.regex.Pattern;

/// A stack in its environment, as a git remote names it.
record Place(String environment, String stack) {
  private static final Pattern SSH_URL =
      Pattern.compile("ssh://(?:[^/@]+@)?[^/@]+/([^/]+)/([^/]+?)(?:\\.git)?/?");
  private static final Pattern SCP_LIKE =
      Pattern.compile("(?:[^/@:]+@)?[^/@:]+:/?([^/:]+)/([^/]+?)(?:\\.git)?/?");

  /// Empty when the URL does not name a stack on a Widemesh.
  static Optional<Place> ofUrl(String url) {
    for (var pattern : new Pattern[] {SSH_URL, SCP_LIKE}) {
      var matcher = pattern.matcher(url);
      if (matcher.matches()) {
        return of(matcher.group(1), matcher.group(2));
      }
    }
    return Optional.empty();
  }

  private static Optional<Place> of(String environment, String stack) {
    return EnvironmentName.parse(environment).isPresent() && StackName.parse(stack).isPresent()
        ? Optional.of(new Place(environment, stack))
        : Optional.empty();
  }
}

package dev.widemesh.allinone;

import com.google.common.net.InternetDomainName;
import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// The domain under which each environment of a platform has its name.
record Domain(String name) {
  /// Every name under `.localhost` is the machine that asks (RFC 6761, 6.3).
  static final Domain USUAL = new Domain("widemesh.localhost");

  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final Pattern LABELS = Pattern.compile("(" + LABEL + "\\.)*" + LABEL);

  // 253 for a name on the wire (RFC 1035, 3.1), 30 for an environment's, and a dot.
  private static final int LONGEST = 222;

  /// `where` is the option or variable that says it; it is in the words of a refusal.
  static Domain parse(String where, String said) {
    var lower = said.strip().toLowerCase(Locale.ROOT);
    var name = ascii(lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower);
    wrong(name)
        .ifPresent(
            why -> {
              throw new Refused(
                  "%s is '%s': %s".formatted(where, said, why),
                  "give a domain of yours, like apps.example.com");
            });
    return new Domain(name);
  }

  private static String ascii(String name) {
    try {
      return IDN.toASCII(name);
    } catch (IllegalArgumentException _) {
      return name;
    }
  }

  private static Optional<String> wrong(String name) {
    if (name.contains("/") || name.contains(":")) {
      return Optional.of("a domain has no protocol, port or path");
    }
    if (name.startsWith("*.")) {
      return Optional.of("environments are named under it anyway, leave out '*.'");
    }
    if (!LABELS.matcher(name).matches()) {
      return Optional.of("letters, digits and '-' stand between its dots, 1 to 63 of them");
    }
    if (name.length() > LONGEST) {
      return Optional.of("it has more than %d characters".formatted(LONGEST));
    }
    if (Character.isDigit(name.charAt(name.lastIndexOf('.') + 1))) {
      return Optional.of("an address has no names under it");
    }
    return isPublic(name) ? Optional.of("anybody may have a name under it") : Optional.empty();
  }

  /// Where registries sell names. What private ones put on the public suffix list, as platforms do
  /// for their own domain, is fine.
  private static boolean isPublic(String name) {
    return !name.contains(".") || InternetDomainName.from(name).isRegistrySuffix();
  }

  /// Whether it needs no record in DNS to lead to this machine.
  boolean isLocal() {
    return name.endsWith(".localhost");
  }
}

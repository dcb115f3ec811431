package dev.widemesh.model;

import java.util.regex.Pattern;

/// An address of the web as everybody may read it: without name and password, query and fragment,
/// any of which may be a secret, as in the addresses that object stores sign.
public final class ShownAddress {
  private static final Pattern ADDRESS =
      Pattern.compile("(?i)(https?://)(?:[^/\\s]*@)?([^\\s?#]*)(?:[?#]\\S*)?");

  private ShownAddress() {}

  /// The same text, and each address in it so.
  public static String in(String text) {
    return ADDRESS.matcher(text).replaceAll("$1$2");
  }
}

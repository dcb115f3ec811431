package dev.widemesh.api;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// What a digest (`sha256:<hex>`, or `sha512:`) names, of so many bytes at most. Whoever gives it
/// is not believed.
public record NamedContent(String digest, int most) {
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /// Throws [WrongContent] for text that is no digest.
  public static NamedContent of(String digest, int most) throws WrongContent {
    if (!DIGEST.matcher(digest).matches()) {
      throw new WrongContent("not a digest: '" + digest + "'");
    }
    return new NamedContent(digest, most);
  }

  /// All of what has no digest, as a tag has none. Throws [WrongContent] for more.
  public static byte[] read(InputStream in, int most, String what) throws IOException {
    var content = in.readNBytes(most + 1);
    if (content.length > most) {
      throw tooMuch(most, what);
    }
    return content;
  }

  static WrongContent tooMuch(int most, String what) {
    return new WrongContent("the registry gives more than %d bytes for %s".formatted(most, what));
  }

  /// No more is read than can be that.
  public byte[] read(InputStream in) throws IOException {
    return checked(read(in, most, digest));
  }

  /// Throws [WrongContent] for what is not that.
  byte[] checked(byte[] content) throws WrongContent {
    var hash = HexFormat.of().formatHex(hash().digest(content));
    if (!digest.endsWith(":" + hash)) {
      throw new WrongContent("what the registry gives for %s is not that".formatted(digest));
    }
    return content;
  }

  private MessageDigest hash() {
    try {
      return MessageDigest.getInstance(digest.startsWith("sha512:") ? "SHA-512" : "SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK knows SHA-2", e);
    }
  }
}

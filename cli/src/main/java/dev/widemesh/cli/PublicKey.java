package dev.widemesh.cli;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/// One SSH public key as it stands in a `.pub` file, proven fit for this platform.
record PublicKey(String line, String comment, String fingerprint) {
  private static final int LARGEST_FILE = 64_000;
  private static final int WEAKEST_RSA = 3072;
  private static final String MAKE_ONE = "make a good one: ssh-keygen -t ed25519";
  private static final Set<String> TYPES =
      Set.of(
          "ssh-ed25519",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521",
          "sk-ssh-ed25519@openssh.com",
          "sk-ecdsa-sha2-nistp256@openssh.com",
          "ssh-rsa");

  static PublicKey read(Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      return parse(
          new String(content.readNBytes(LARGEST_FILE), StandardCharsets.UTF_8), file.toString());
    }
  }

  static PublicKey parse(String text, String origin) {
    if (text.contains("PRIVATE KEY")) {
      throw Refusal.usage(
          origin + " is a private key: never give it away", "mesh keys add " + origin + ".pub");
    }
    var lines =
        text.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList();
    if (lines.size() != 1) {
      throw Refusal.usage(
          "%s has %d keys, must have one".formatted(origin, lines.size()),
          "give a file like ~/.ssh/id_ed25519.pub");
    }
    return ofLine(lines.getFirst(), origin);
  }

  private static PublicKey ofLine(String line, String origin) {
    var words = List.of(line.split("\\s+", 3));
    var type = words.getFirst();
    if (type.equals("ssh-dss")) {
      throw Refusal.usage(origin + " is a DSA key: too weak, OpenSSH dropped it", MAKE_ONE);
    }
    if (words.size() < 2 || !TYPES.contains(type)) {
      throw Refusal.usage(origin + " is not an SSH public key", MAKE_ONE);
    }
    var blob = blob(type, words.get(1), origin);
    return new PublicKey(line, words.size() > 2 ? words.get(2) : "", fingerprint(blob));
  }

  private static byte[] blob(String type, String base64, String origin) {
    try {
      var blob = Base64.getDecoder().decode(base64);
      var fields = ByteBuffer.wrap(blob);
      if (!new String(field(fields), StandardCharsets.US_ASCII).equals(type)) {
        throw new IllegalArgumentException("another type inside");
      }
      if (type.equals("ssh-rsa")) {
        checkRsa(fields, origin);
      }
      return blob;
    } catch (IllegalArgumentException | BufferUnderflowException _) {
      throw Refusal.usage(origin + " holds a damaged key", "copy the .pub file again, whole");
    }
  }

  private static void checkRsa(ByteBuffer fields, String origin) {
    field(fields); // the exponent
    var bits = new BigInteger(1, field(fields)).bitLength();
    if (bits < WEAKEST_RSA) {
      throw Refusal.usage(
          "%s is an RSA key of %d bits, must have %d or more".formatted(origin, bits, WEAKEST_RSA),
          MAKE_ONE);
    }
  }

  private static byte[] field(ByteBuffer fields) {
    var length = fields.getInt();
    if (length < 0 || length > fields.remaining()) {
      throw new BufferUnderflowException();
    }
    var bytes = new byte[length];
    fields.get(bytes);
    return bytes;
  }

  private static String fingerprint(byte[] blob) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(blob);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

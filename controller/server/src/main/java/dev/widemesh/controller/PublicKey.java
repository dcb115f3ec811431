package dev.widemesh.controller;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Set;

/// One line of an OpenSSH `.pub` file, with a key that is strong enough.
record PublicKey(String type, String fingerprint, String text, String comment) {
  private static final Set<String> ALLOWED =
      Set.of(
          "ssh-ed25519",
          "sk-ssh-ed25519@openssh.com",
          "ecdsa-sha2-nistp256",
          "ecdsa-sha2-nistp384",
          "ecdsa-sha2-nistp521",
          "sk-ecdsa-sha2-nistp256@openssh.com",
          "ssh-rsa");
  private static final int RSA_BITS = 3072;
  private static final String REMEDY = "ssh-keygen -t ed25519, then add the .pub file";

  static PublicKey parse(String line) {
    if (line.contains("PRIVATE KEY")) {
      throw refusal("that is a private key: keep it secret, and add the file ending in .pub");
    }
    var parts = line.strip().split("\\s+", 3);
    if (parts.length < 2 || line.length() > 20_000 || line.strip().contains("\n")) {
      throw refusal("not a public key in OpenSSH's form");
    }
    if (!ALLOWED.contains(parts[0])) {
      throw refusal("keys of type '" + parts[0] + "' are not accepted");
    }
    var blob = blob(parts[1]);
    check(parts[0], blob);
    var text = parts[0] + " " + parts[1];
    return new PublicKey(parts[0], fingerprint(blob), text, parts.length > 2 ? parts[2] : "");
  }

  private static byte[] blob(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      throw refusal("the key is damaged: not base64");
    }
  }

  private static void check(String type, byte[] blob) {
    try {
      var buffer = ByteBuffer.wrap(blob);
      var inside = new String(field(buffer), StandardCharsets.US_ASCII);
      if (!inside.equals(type)) {
        throw refusal("the key is damaged: it says " + type + " but is something else");
      }
      var first = field(buffer);
      if (type.equals("ssh-ed25519") && first.length != 32) {
        throw refusal("the key is damaged: wrong length");
      }
      if (type.equals("ssh-rsa") && bits(field(buffer)) < RSA_BITS) {
        throw refusal("RSA keys need " + RSA_BITS + " bits or more");
      }
    } catch (BufferUnderflowException _) {
      throw refusal("the key is damaged: cut short");
    }
  }

  private static byte[] field(ByteBuffer buffer) {
    var length = buffer.getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new BufferUnderflowException();
    }
    var bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  private static int bits(byte[] integer) {
    return new java.math.BigInteger(1, integer).bitLength();
  }

  private static String fingerprint(byte[] blob) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(blob);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Refusal refusal(String message) {
    return Refusal.bad("bad-key", message, REMEDY);
  }
}

package dev.widemesh.model;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/// The public half of a [SigningKey]: tells what that has signed from everything else.
public final class VerifyingKey {
  private final PublicKey key;

  VerifyingKey(PublicKey key) {
    this.key = key;
  }

  /// Of a PEM text with a block `PUBLIC KEY`.
  public static VerifyingKey parse(String pem) {
    try {
      var encoded = new X509EncodedKeySpec(Pem.block(pem, "PUBLIC KEY"));
      var key = KeyFactory.getInstance("EC").generatePublic(encoded);
      if (!(key instanceof ECPublicKey ec) || ec.getParams().getOrder().bitLength() != 256) {
        throw new IllegalArgumentException("not a key on the curve P-256");
      }
      return new VerifyingKey(key);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a public key: " + e.getMessage(), e);
    }
  }

  /// `signature` as [SigningKey#sign] makes it. What is no signature at all has not signed it.
  public boolean verify(byte[] content, byte[] signature) {
    try {
      var verification = Signature.getInstance(SigningKey.ALGORITHM);
      verification.initVerify(key);
      verification.update(content);
      return verification.verify(signature);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  public String pem() {
    return Pem.text("PUBLIC KEY", key.getEncoded());
  }

  /// Names the key: SHA-256 of its encoding (RFC 7093, 2), in hexadecimal.
  public String fingerprint() {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK knows SHA-256", e);
    }
  }
}

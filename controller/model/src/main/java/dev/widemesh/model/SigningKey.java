package dev.widemesh.model;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;

/// The key with which a platform signs what it makes: ECDSA on the curve P-256 with SHA-256.
public final class SigningKey {
  static final String ALGORITHM = "SHA256withECDSA";

  private final PrivateKey key;
  private final VerifyingKey verifying;

  private SigningKey(PrivateKey key, VerifyingKey verifying) {
    this.key = key;
    this.verifying = verifying;
  }

  public static SigningKey generate() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      var pair = generator.generateKeyPair();
      return new SigningKey(pair.getPrivate(), new VerifyingKey(pair.getPublic()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK knows P-256", e);
    }
  }

  /// Of a PEM text as [#pem] makes it. Halves that do not belong together are refused.
  public static SigningKey parse(String pem) {
    try {
      var encoded = new PKCS8EncodedKeySpec(Pem.block(pem, "PRIVATE KEY"));
      var key = KeyFactory.getInstance("EC").generatePrivate(encoded);
      var signing = new SigningKey(key, VerifyingKey.parse(pem));
      var content = "one key".getBytes(StandardCharsets.UTF_8);
      if (!signing.verifying.verify(content, signing.sign(content))) {
        throw new IllegalArgumentException("its private and its public half are of two keys");
      }
      return signing;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a private key: " + e.getMessage(), e);
    }
  }

  /// A signature as ASN.1 says (RFC 3279, 2.2.3), another one every time.
  public byte[] sign(byte[] content) {
    try {
      var signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot sign", e);
    }
  }

  public VerifyingKey verifying() {
    return verifying;
  }

  /// Both halves, one block each.
  public String pem() {
    return Pem.text("PRIVATE KEY", key.getEncoded()) + verifying.pem();
  }
}

package dev.widemesh.model;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts what lies on a disk or in the database: AES-256-GCM, a fresh data key per value,
/// wrapped by the key of a file that is in no backup (envelope encryption, NIST SP 800-38D).
///
/// The associated data names the place of the value, so that rows cannot be swapped.
public final class Sealer {
  private static final byte VERSION = 1;
  private static final int KEY = 32;
  private static final int NONCE = 12;
  private static final int TAG = 16;

  private final SecureRandom random = new SecureRandom();
  private final SecretKeySpec key;

  public Sealer(byte[] key) {
    if (key.length != KEY) {
      throw new IllegalArgumentException("the key has " + key.length + " bytes, must have " + KEY);
    }
    this.key = new SecretKeySpec(key, "AES");
  }

  /// Reads the key file, or makes it (mode 0400) when there is none.
  public static Sealer fromFile(Path file) throws IOException {
    if (!Files.exists(file)) {
      make(file);
    }
    return new Sealer(Files.readAllBytes(file));
  }

  private static void make(Path file) throws IOException {
    var fresh = new byte[KEY];
    new SecureRandom().nextBytes(fresh);
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r--------"));
    var draft = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    try (var channel = FileChannel.open(draft, Set.of(CREATE_NEW, WRITE), mode)) {
      channel.write(ByteBuffer.wrap(fresh));
      channel.force(true);
    }
    try {
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException _) {
      // Somebody else was quicker: theirs is the key.
    } finally {
      Files.delete(draft);
    }
  }

  public byte[] seal(byte[] plain, String place) {
    var dataKey = new byte[KEY];
    random.nextBytes(dataKey);
    var wrapped = crypt(Cipher.ENCRYPT_MODE, key, freshNonce(), dataKey, place);
    var body =
        crypt(Cipher.ENCRYPT_MODE, new SecretKeySpec(dataKey, "AES"), freshNonce(), plain, place);
    return ByteBuffer.allocate(1 + wrapped.length + body.length)
        .put(VERSION)
        .put(wrapped)
        .put(body)
        .array();
  }

  /// Refuses what was altered, moved to another place, or sealed with another key.
  public byte[] open(byte[] sealed, String place) {
    var buffer = ByteBuffer.wrap(sealed);
    if (sealed.length < 1 + 2 * NONCE + KEY + 2 * TAG || buffer.get() != VERSION) {
      throw new IllegalArgumentException("not a sealed value: " + place);
    }
    var dataKey = decrypt(key, take(buffer, NONCE), take(buffer, KEY + TAG), place);
    return decrypt(
        new SecretKeySpec(dataKey, "AES"),
        take(buffer, NONCE),
        take(buffer, buffer.remaining()),
        place);
  }

  private byte[] freshNonce() {
    var nonce = new byte[NONCE];
    random.nextBytes(nonce);
    return nonce;
  }

  private static byte[] take(ByteBuffer buffer, int length) {
    var bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] crypt(int mode, SecretKeySpec key, byte[] nonce, byte[] in, String place) {
    var out = run(mode, key, nonce, in, place);
    return ByteBuffer.allocate(NONCE + out.length).put(nonce).put(out).array();
  }

  private static byte[] decrypt(SecretKeySpec key, byte[] nonce, byte[] in, String place) {
    return run(Cipher.DECRYPT_MODE, key, nonce, in, place);
  }

  private static byte[] run(int mode, SecretKeySpec key, byte[] nonce, byte[] in, String place) {
    try {
      var cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce));
      cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(in);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open or seal " + place, e);
    }
  }
}

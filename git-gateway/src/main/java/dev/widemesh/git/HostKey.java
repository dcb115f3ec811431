package dev.widemesh.git;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Set;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.util.security.SecurityUtils;

/// The server's ed25519 key, in OpenSSH's own format, so that `ssh-keygen -l` reads it.
final class HostKey {
  private static final String NAME = "ssh_host_ed25519_key";
  private static final String COMMENT = "widemesh";

  private HostKey() {}

  /// The path of the private key, made when there is none.
  static Path in(Path data) throws IOException {
    var file = data.resolve(NAME);
    if (!Files.exists(file)) {
      make(data);
    }
    return file;
  }

  private static void make(Path data) throws IOException {
    var secret = new ByteArrayOutputStream();
    var known = new ByteArrayOutputStream();
    try {
      var pair = SecurityUtils.getKeyPairGenerator(SecurityUtils.ED25519).generateKeyPair();
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, COMMENT, null, secret);
      OpenSSHKeyPairResourceWriter.INSTANCE.writePublicKey(pair, COMMENT, known);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot make an ed25519 host key", e);
    }
    write(data, NAME + ".pub", known.toByteArray(), "rw-r--r--");
    write(data, NAME, secret.toByteArray(), "rw-------");
  }

  private static void write(Path data, String name, byte[] content, String mode)
      throws IOException {
    var draft = data.resolve(name + ".tmp");
    var attribute = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
    Files.deleteIfExists(draft);
    try (var channel =
        FileChannel.open(draft, Set.of(CREATE, TRUNCATE_EXISTING, WRITE), attribute)) {
      channel.write(ByteBuffer.wrap(content));
      channel.force(true);
    }
    Files.move(draft, data.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    Disk.sync(data);
  }
}

package dev.widemesh.builder.supply;

import dev.widemesh.builder.image.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/// What is read through it, and its hash in the end.
public final class HashedInput extends FilterInputStream {
  private final MessageDigest digest;

  public HashedInput(InputStream in) {
    this(in, Sha256.digest());
  }

  private HashedInput(InputStream in, MessageDigest digest) {
    super(new DigestInputStream(in, digest));
    this.digest = digest;
  }

  /// Reads to the end; answers `sha256:<hex>` of all.
  public String rest() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }
}

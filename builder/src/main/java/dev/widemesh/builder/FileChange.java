package dev.widemesh.builder;

import java.nio.ByteBuffer;

/// A file of which nothing but the content is another. `path` is relative to the tree's top.
public record FileChange(String path, ByteBuffer before, ByteBuffer after) {
  public FileChange {
    before = before.asReadOnlyBuffer();
    after = after.asReadOnlyBuffer();
  }
}

package dev.widemesh.git;

import java.io.IOException;
import java.io.InputStream;

/// Takes the LFS files that one client sends. What is refused is read to its end all the same: the
/// client does not listen before.
record LfsUpload(LfsStore store, PushLimits limits) {
  void take(LfsPointer pointer, InputStream content) throws IOException, Refused {
    try {
      store.put(pointer, content);
    } catch (Refused e) {
      leave(pointer, content);
      throw e;
    }
  }

  /// Reads it and keeps nothing.
  void leave(LfsPointer pointer, InputStream content) throws IOException {
    if (pointer.size() > limits.pack()) {
      throw new IOException("an LFS file that is too large is not even read");
    }
    Packets.drain(content, pointer.size());
  }
}

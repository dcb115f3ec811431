package dev.widemesh.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jgit.transport.PacketLineOut;

/// One client's command while it runs: its streams, and whether it is still worth talking.
///
/// `protocol` holds what git asked for in `GIT_PROTOCOL`. `left` becomes true when the client has
/// gone, `stopping` when this gateway is about to.
record Conversation(
    InputStream in,
    GuardedOutput out,
    OutputStream err,
    List<String> protocol,
    AtomicBoolean left,
    AtomicBoolean stopping) {

  boolean isOver() {
    return left.get() || out.isDead();
  }

  /// In git's own protocol, so that git shows it without advice on access rights. Only before
  /// anything else was said.
  void refuse(String text) throws IOException {
    if (!out.isUsed()) {
      var line = new PacketLineOut(out);
      line.writeString("ERR " + text);
      line.flush();
    }
  }

  /// For a person, or for a program that is not git. Terminals in raw mode need the CR.
  void tell(String text) throws IOException {
    err.write((text.replace("\n", "\r\n") + "\r\n").getBytes(StandardCharsets.UTF_8));
    err.flush();
  }
}

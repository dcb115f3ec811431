package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// What Go's linker writes into every program: its own version, and the modules in it. Programs of
/// Go before 1.18 say it otherwise, and are not read.
final class GoProgram {
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
  private static final byte[] MAGIC = "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);
  private static final int ALIGNED = 16;
  private static final int HEAD = 32;
  private static final int INLINE = 2;
  private static final int LONGEST = 4_000_000;

  private final BufferedInputStream in;

  private GoProgram(InputStream content) {
    in = new BufferedInputStream(content, 1 << 16);
  }

  /// Reads a program as far as that is, and nothing else than programs.
  static void read(InputStream content, Consumer<Claim> found) throws IOException {
    new GoProgram(content).read(found);
  }

  private void read(Consumer<Claim> found) throws IOException {
    var block = new byte[ALIGNED];
    for (var isFirst = true; ; isFirst = false) {
      in.mark(2 * LONGEST);
      var count = in.readNBytes(block, 0, ALIGNED);
      if (count < ALIGNED || (isFirst && !startsWith(block, ELF))) {
        return;
      }
      // Programs that read others have these letters among their own texts.
      if (startsWith(block, MAGIC)) {
        in.reset();
        in.mark(2 * LONGEST + HEAD + ALIGNED);
        if (tell(found)) {
          return;
        }
        in.reset();
        in.skipNBytes(ALIGNED);
      }
    }
  }

  private static boolean startsWith(byte[] block, byte[] start) {
    return Arrays.equals(block, 0, start.length, start, 0, start.length);
  }

  private boolean tell(Consumer<Claim> found) throws IOException {
    var head = in.readNBytes(HEAD);
    if (head.length < HEAD || (head[MAGIC.length + 1] & INLINE) == 0) {
      return false;
    }
    var version = text();
    if (!version.startsWith("go1")) {
      return false;
    }
    var number = version.substring(2).replaceFirst(" .*", "");
    add("stdlib", number, found);
    modules(text(), found);
    return true;
  }

  /// `dep<TAB>path<TAB>version<TAB>hash`; the next line with `=>` says what is used instead.
  private static void modules(String text, Consumer<Claim> found) {
    var end = 0;
    for (var start = 0; start < text.length(); start = end + 1) {
      var next = text.indexOf('\n', start);
      end = next < 0 ? text.length() : next;
      var parts = text.substring(start, end).split("\t", 4);
      var isReplaced = text.startsWith("=>\t", end + 1);
      if (parts.length >= 3 && ((parts[0].equals("dep") && !isReplaced) || parts[0].equals("=>"))) {
        add(parts[1], parts[2], found);
      }
    }
  }

  private static void add(String module, String version, Consumer<Claim> found) {
    var group = Evidence.folder(module);
    var name = Evidence.name(module);
    var purl = Purl.of("golang", group, name, version);
    found.accept(Component.of(Kind.LIBRARY, group, name, version, purl, ""));
  }

  /// Its length in seven bits at a time, then the text; empty where that cannot be.
  private String text() throws IOException {
    var length = 0L;
    for (var shift = 0; shift <= 28; shift += 7) {
      var next = in.read();
      if (next < 0) {
        throw new EOFException("it ends in what Go says of it");
      }
      length |= (next & 0x7fL) << shift;
      if (next < 0x80) {
        return length > LONGEST
            ? ""
            : new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}

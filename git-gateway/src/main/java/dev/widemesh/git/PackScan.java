package dev.widemesh.git;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.eclipse.jgit.lib.Constants;

/// Reads a pack one step ahead of JGit, which believes it: a head of twelve bytes makes JGit take
/// room for the objects that it claims, and an object's first bytes for the size that they claim.
/// Whatever would be too much is refused before JGit has seen it.
final class PackScan implements AutoCloseable {
  private static final byte[] SIGNATURE = Constants.PACK_SIGNATURE;
  private static final int HEAD = 12;
  private static final int BASE_ID = 20;
  private static final int BLOB = 3;
  private static final int OFFSET_DELTA = 6;
  private static final int REF_DELTA = 7;
  // Two numbers of at most ten bytes.
  private static final int DELTA_HEAD = 20;
  private static final int HASH = 20;

  /// Told once, when all of a pack came of which a delta's base and result may each take much
  /// memory: JGit makes what deltas say only then, however long its client took to send them.
  interface Heavy {
    void comes() throws PackRefused;
  }

  private enum Part {
    HEAD,
    SIZE,
    OFFSET,
    BASE,
    DATA,
    END
  }

  private final PushLimits limits;
  private final Heavy heavy;
  private final Inflater inflater = new Inflater();
  private final byte[] discarded = new byte[8_192];
  private final byte[] deltaHead = new byte[DELTA_HEAD];
  private Part part = Part.HEAD;
  private int seen;
  private long objects;
  private int type;
  private long size;
  private long inflated;
  private long unpacked;
  private boolean isHeavy;

  PackScan(PushLimits limits, Heavy heavy) {
    this.limits = limits;
    this.heavy = heavy;
  }

  void look(byte[] bytes, int offset, int length) throws PackRefused {
    var end = offset + length;
    for (var at = offset; at < end; ) {
      at =
          switch (part) {
            case HEAD -> head(bytes[at], at);
            case SIZE -> size(bytes[at], at);
            case OFFSET -> offset(bytes[at], at);
            case BASE -> base(at);
            case DATA -> data(bytes, at, end);
            case END -> hash(at, end);
          };
    }
  }

  private int head(byte next, int at) throws PackRefused {
    if (seen < SIGNATURE.length && next != SIGNATURE[seen]) {
      throw damaged();
    }
    if (seen >= HEAD - Integer.BYTES) {
      objects = (objects << Byte.SIZE) | (next & 0xff);
    }
    if (++seen == HEAD) {
      if (objects > limits.objects()) {
        throw refused(
            "The push has %,d objects; at most %,d are taken".formatted(objects, limits.objects()),
            "push less history: git clone --depth 1, and push from there");
      }
      begin();
    }
    return at + 1;
  }

  private void begin() {
    seen = 0;
    inflated = 0;
    part = objects-- == 0 ? Part.END : Part.SIZE;
  }

  private int size(byte next, int at) throws PackRefused {
    if (seen == 0) {
      type = (next >> 4) & 7;
      size = next & 15;
    } else if (seen > 8) {
      throw damaged();
    } else {
      size |= (next & 0x7fL) << (7 * seen - 3);
    }
    seen++;
    if (next >= 0) {
      sized();
    }
    return at + 1;
  }

  private void sized() throws PackRefused {
    seen = 0;
    switch (type) {
      case OFFSET_DELTA -> part = Part.OFFSET;
      case REF_DELTA -> part = Part.BASE;
      default -> {
        part = Part.DATA;
        whole();
      }
    }
    requireSize(size);
    if (isDelta() && size > limits.structure()) {
      isHeavy = true;
    }
  }

  private void whole() throws PackRefused {
    if (type != BLOB && size > limits.structure()) {
      throw refused(
          "A folder, commit or tag is larger than %d MB".formatted(limits.structure() / 1_000_000),
          "spread large folders over several");
    }
    count(size);
  }

  private int offset(byte next, int at) {
    if (next >= 0) {
      part = Part.DATA;
    }
    return at + 1;
  }

  private int base(int at) {
    if (++seen == BASE_ID) {
      part = Part.DATA;
    }
    return at + 1;
  }

  private int data(byte[] bytes, int at, int end) throws PackRefused {
    inflater.setInput(bytes, at, end - at);
    while (!inflater.finished()) {
      var got = inflate();
      if (isDelta() && inflated < DELTA_HEAD) {
        keepHead(got);
      }
      inflated += got;
      if (inflated > size || isStuck(got)) {
        throw damaged();
      }
      if (got == 0 && inflater.needsInput()) {
        return end;
      }
    }
    var left = inflater.getRemaining();
    ended();
    return end - left;
  }

  /// As one is that wants a dictionary.
  private boolean isStuck(int got) {
    return got == 0 && !inflater.finished() && !inflater.needsInput();
  }

  private int inflate() throws PackRefused {
    try {
      return inflater.inflate(discarded);
    } catch (DataFormatException _) {
      throw damaged();
    }
  }

  private void ended() throws PackRefused {
    if (inflated != size) {
      throw damaged();
    }
    if (isDelta()) {
      result();
    }
    inflater.reset();
    begin();
  }

  private boolean isDelta() {
    return type == OFFSET_DELTA || type == REF_DELTA;
  }

  private void keepHead(int got) {
    var from = (int) inflated;
    System.arraycopy(discarded, 0, deltaHead, from, Math.min(got, DELTA_HEAD - from));
  }

  /// A delta begins with the sizes of its base and of its result.
  private void result() throws PackRefused {
    var at = 0;
    while (at < DELTA_HEAD && deltaHead[at++] < 0) {
      // the size of the base
    }
    var result = 0L;
    for (var shift = 0; at < DELTA_HEAD && shift < Long.SIZE - 1; shift += 7) {
      result |= (deltaHead[at] & 0x7fL) << shift;
      if (deltaHead[at++] >= 0) {
        break;
      }
    }
    requireSize(result);
    count(result);
    if (result > limits.structure()) {
      isHeavy = true;
    }
  }

  private void requireSize(long bytes) throws PackRefused {
    if (bytes < 0 || bytes > limits.file()) {
      throw refused(
          "A file is larger than %d MB (%,d bytes)".formatted(limits.fileMegabytes(), bytes),
          "keep large files out of git, and out of its history");
    }
  }

  private void count(long bytes) throws PackRefused {
    unpacked += bytes;
    if (unpacked > limits.unpacked()) {
      throw refused(
          "The push unpacks to more than %d GB".formatted(limits.unpacked() / 1_000_000_000),
          "keep large files out of git, and out of its history");
    }
  }

  /// Of the whole pack, its last bytes.
  private int hash(int at, int end) throws PackRefused {
    var wasOpen = seen < HASH;
    seen = Math.min(HASH, seen + end - at);
    if (isHeavy && wasOpen && seen == HASH) {
      heavy.comes();
    }
    return end;
  }

  private static PackRefused damaged() {
    return refused("The pack that git sent is damaged", "git fsck, then push again");
  }

  private static PackRefused refused(String what, String remedy) {
    return new PackRefused(new Refused(what, remedy));
  }

  @Override
  public void close() {
    inflater.end();
  }
}

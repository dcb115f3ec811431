package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/// An archive of Java classes: what Maven wrote into it, or else its manifest, or else its name;
/// and the archives in it.
record JavaArchive() implements Evidence {
  private static final Pattern NAME = Pattern.compile(".*\\.(?:jar|war|ear)");
  private static final Pattern VERSIONED =
      Pattern.compile("(.+?)-(\\d[A-Za-z0-9.+_-]*)\\.(?:jar|war|ear)");
  private static final Pattern MAVEN =
      Pattern.compile("META-INF/maven/[^/]+/[^/]+/pom\\.properties");
  private static final String MANIFEST = "META-INF/MANIFEST.MF";
  private static final int DEEPEST = 3;
  private static final int MOST_ENTRIES = 200_000;
  private static final int MOST_TEXT = 1_000_000;
  private static final int LONGEST_NAME = 300;

  /// Of one file in a layer, with all that is in it.
  private static final long UNPACKED = 2L << 30;

  @Override
  public boolean isAt(String path) {
    return NAME.matcher(path).matches();
  }

  @Override
  public long most() {
    return 1L << 30;
  }

  @Override
  public void read(String path, InputStream content, Budget budget, Consumer<Claim> found)
      throws IOException {
    new Reading(budget, found).archive(Evidence.name(path), content, 1);
  }

  private static final class Reading {
    private final Budget budget;
    private final Consumer<Claim> found;
    private final byte[] buffer = new byte[1 << 14];
    private int entries;
    private long unpacked;

    Reading(Budget budget, Consumer<Claim> found) {
      this.budget = budget;
      this.found = found;
    }

    void archive(String name, InputStream content, int depth) throws IOException {
      var isTold = false;
      Attributes manifest = new Attributes();
      try (var zip = new ZipInputStream(open(content))) {
        for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (++entries > MOST_ENTRIES) {
            throw new IOException("it has more than %,d files".formatted(MOST_ENTRIES));
          }
          var inside = budget.guard(counted(zip));
          if (entry.getName().equals(MANIFEST)) {
            manifest = manifest(inside);
          } else if (MAVEN.matcher(entry.getName()).matches()) {
            var pom = maven(inside);
            found.accept(pom);
            isTold |= pom instanceof Component;
          } else if (depth < DEEPEST && NAME.matcher(entry.getName()).matches()) {
            archive(Evidence.name(entry.getName()), inside, depth + 1);
          }
          // Not by closing the entry, which unpacks without end.
          while (inside.read(buffer) >= 0) {}
        }
      } finally {
        if (!isTold) {
          found.accept(name.length() <= LONGEST_NAME ? named(name, manifest) : new Claim.Unfit());
        }
      }
    }

    /// The archive in which it lies goes on after it.
    private static InputStream open(InputStream content) {
      return new FilterInputStream(content) {
        @Override
        public void close() {}
      };
    }

    private InputStream counted(InputStream in) {
      return new FilterInputStream(in) {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
          var count = in.read(into, offset, length);
          unpacked += Math.max(0, count);
          if (unpacked > UNPACKED) {
            throw new IOException("it unpacks to more than %,d bytes".formatted(UNPACKED));
          }
          return count;
        }

        @Override
        public void close() {}
      };
    }

    private static Attributes manifest(InputStream content) throws IOException {
      return new Manifest(new ByteArrayInputStream(text(content))).getMainAttributes();
    }

    private static Claim maven(InputStream content) throws IOException {
      var pom = new Properties();
      var text = new String(text(content), StandardCharsets.UTF_8);
      pom.load(new java.io.StringReader(text));
      return claim(
          pom.getProperty("groupId", ""),
          pom.getProperty("artifactId", ""),
          pom.getProperty("version", ""));
    }

    private static byte[] text(InputStream content) throws IOException {
      var bytes = content.readNBytes(MOST_TEXT + 1);
      if (bytes.length > MOST_TEXT) {
        throw new IOException("what it says of itself is too long");
      }
      return bytes;
    }

    private static Claim named(String name, Attributes manifest) {
      var file = VERSIONED.matcher(name);
      var version = file.matches() ? file.group(2) : version(manifest);
      var group = said(manifest.getValue("Implementation-Vendor-Id"));
      var artifact = file.matches() ? file.group(1) : name.substring(0, name.lastIndexOf('.'));
      return claim(group, artifact, version);
    }

    private static String version(Attributes manifest) {
      var version = said(manifest.getValue(Attributes.Name.IMPLEMENTATION_VERSION));
      return version.isEmpty() ? said(manifest.getValue("Bundle-Version")) : version;
    }

    private static String said(@Nullable String value) {
      return value == null ? "" : value.strip();
    }

    /// Without a group there is no package URL of the type `maven`.
    private static Claim claim(String group, String artifact, String version) {
      var purl = group.isEmpty() ? "" : Purl.of("maven", group, artifact, version);
      return Component.of(Kind.LIBRARY, group, artifact, version, purl, "");
    }
  }
}

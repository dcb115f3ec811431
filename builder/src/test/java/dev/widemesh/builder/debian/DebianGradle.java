package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.tools.ToolProvider;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;

/// A real Gradle for tests where Gradle's own site cannot be reached: Debian's 4.4.1 (with patches
/// for newer Javas), put together to the distribution that a wrapper names. Debian's looks for
/// itself below /usr/share; two classes of ours let it stand anywhere.
public final class DebianGradle {
  private static final String MIRROR = "http://deb.debian.org/debian";
  private static final List<String> PACKAGES =
      List.of(
          "gradle",
          "libgradle-core-java",
          "libgradle-plugins-java",
          "ant",
          "groovy",
          "ivy",
          "libasm-java",
          "libatinject-jsr330-api-java",
          "libcommons-codec-java",
          "libcommons-collections3-java",
          "libcommons-compress-java",
          "libcommons-io-java",
          "libcommons-lang-java",
          "libcommons-lang3-java",
          "libgeronimo-annotation-1.3-spec-java",
          "libgoogle-gson-java",
          "libguava-java",
          "libhttpclient-java",
          "libhttpcore-java",
          "libjansi1-java",
          "libjcip-annotations-java",
          "libjsch-java",
          "libjsr305-java",
          "libkryo-java",
          "libmaven3-core-java",
          "libminlog-java",
          "libnative-platform-java",
          "libnative-platform-jni",
          "libobjenesis-java",
          "libplexus-utils2-java",
          "libreflectasm-java",
          "libslf4j-java",
          "libxbean-reflect-java");

  private static final String FOLDER = "org/gradle/internal/installation/";
  private static final Map<String, String> CLASSES =
      Map.of(
          "CurrentGradleInstallationLocator",
          """
          package org.gradle.internal.installation;

          public abstract class CurrentGradleInstallationLocator {
            public static synchronized CurrentGradleInstallation locate() {
              var jar = CurrentGradleInstallationLocator.class.getProtectionDomain().getCodeSource().getLocation();
              var file = new java.io.File(jar.getPath());
              return new CurrentGradleInstallation(new GradleInstallation(file.getParentFile().getParentFile()));
            }
          }
          """,
          "GradleInstallation",
          """
          package org.gradle.internal.installation;

          import java.io.File;

          public class GradleInstallation {
            public static final java.io.FileFilter DIRECTORY_FILTER = File::isDirectory;
            private final File home;

            public GradleInstallation(File home) {
              this.home = home;
            }

            public File getGradleHome() {
              return home;
            }

            public java.util.List<File> getLibDirs() {
              return java.util.List.of(new File(home, "lib"), new File(home, "lib/plugins"));
            }
          }
          """);

  private final Map<String, byte[]> files = new TreeMap<>();
  private final Map<String, String> links = new TreeMap<>();
  private final Path folder;

  private DebianGradle(Path folder) {
    this.folder = folder;
  }

  /// `gradle-4.4.1-bin.zip`, made once for a cache.
  public static Path distribution(Path cache) throws IOException {
    var key =
        Sha256.of(PACKAGES + "" + new TreeMap<>(CLASSES)).replaceFirst("sha256:(.{12}).*", "$1");
    var kept = cache.resolve("gradle-4.4.1-of-debian-" + key + ".zip");
    if (!Files.exists(kept)) {
      Files.createDirectories(cache);
      var folder = Files.createTempDirectory(cache, "gradle");
      var draft = new DebianGradle(folder).assemble(cache);
      Files.move(draft, kept, StandardCopyOption.ATOMIC_MOVE);
      try (var left = Files.walk(folder)) {
        for (var file : left.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return kept;
  }

  private Path assemble(Path cache) throws IOException {
    var mirror = new Mirror(new BaseImagesConfig(cache, MIRROR, Optional.empty(), Map.of()));
    var index = new Archive(mirror).index();
    for (var name : PACKAGES) {
      var found = index.find(name).orElseThrow(() -> new IOException("Debian has no " + name));
      read(mirror.fetch(URI.create(found.url()), found.sha256(), found.size()));
    }
    var distribution = distribution();
    addMissing(distribution);
    letStandAnywhere(distribution);
    var zip = folder.resolve("gradle.zip");
    write(distribution, zip);
    return zip;
  }

  private void read(Path deb) throws IOException {
    var tar = folder.resolve("data.tar");
    DebFile.unpack(deb, tar);
    try (var entries = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (var entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        var name = entry.getName().replaceFirst("^\\./usr/share/", "");
        if (name.matches("(java/[^/]+\\.jar|gradle/(bin|lib)/.+)")) {
          if (entry.isSymbolicLink()) {
            links.put(
                name, Path.of(name).resolveSibling(entry.getLinkName()).normalize().toString());
          } else if (entry.isFile()) {
            files.put(name, entries.readAllBytes());
          }
        }
      }
    }
  }

  private Map<String, byte[]> distribution() {
    var all = new TreeMap<String, byte[]>();
    for (var link : links.keySet()) {
      var target = link;
      for (var hops = 0; hops < 5 && links.containsKey(target); hops++) {
        target = links.getOrDefault(target, target);
      }
      var content = files.get(target);
      if (content != null) {
        all.put(link, content);
      }
    }
    all.putAll(files);
    var placed = new TreeMap<String, byte[]>();
    all.forEach(
        (name, content) ->
            placed.put(name.replaceFirst("^gradle/", "").replaceFirst("^java/", "lib/"), content));
    placed
        .keySet()
        .removeIf(
            name ->
                name.startsWith("lib/gradle-")
                    && placed.containsKey(name.replace("lib/", "lib/plugins/")));
    return placed;
  }

  /// Plugins that no test needs want libraries of their own to be there.
  private void addMissing(Map<String, byte[]> distribution) throws IOException {
    var wanted = new TreeSet<String>();
    for (var jar : distribution.entrySet()) {
      if (jar.getKey().contains("/gradle-")) {
        wanted.addAll(wantedBy(jar.getValue()));
      }
    }
    var empty = new ByteArrayOutputStream();
    try (var zip = new ZipArchiveOutputStream(empty)) {
      zip.putArchiveEntry(new ZipArchiveEntry("empty"));
      zip.closeArchiveEntry();
    }
    wanted.forEach(name -> distribution.putIfAbsent("lib/" + name, empty.toByteArray()));
  }

  private Set<String> wantedBy(byte[] jar) throws IOException {
    var names = new TreeSet<String>();
    var file = Files.write(folder.resolve("one.jar"), jar);
    try (var zip = ZipFile.builder().setPath(file).get()) {
      for (var entry : java.util.Collections.list(zip.getEntries())) {
        if (entry.getName().endsWith("-classpath.properties")) {
          var properties = new Properties();
          properties.load(zip.getInputStream(entry));
          names.addAll(List.of(properties.getProperty("runtime", "").split(",", -1)));
        }
      }
    }
    names.remove("");
    return names;
  }

  private void letStandAnywhere(Map<String, byte[]> distribution) throws IOException {
    var name = "lib/gradle-core-api-4.4.1.jar";
    var jar =
        Files.write(
            folder.resolve("gradle-core-api-4.4.1.jar"),
            distribution.getOrDefault(name, new byte[0]));
    for (var each : CLASSES.entrySet()) {
      Files.writeString(
          folder.resolve(each.getKey() + ".java"), each.getValue(), StandardCharsets.UTF_8);
    }
    var compiled = Files.createDirectories(folder.resolve("compiled"));
    var arguments =
        new java.util.ArrayList<>(
            List.of(
                "--release", "17", "-proc:none", "-cp", jar.toString(), "-d", compiled.toString()));
    CLASSES.keySet().forEach(each -> arguments.add(folder.resolve(each + ".java").toString()));
    var errors = new ByteArrayOutputStream();
    if (ToolProvider.getSystemJavaCompiler()
            .run(null, null, errors, arguments.toArray(String[]::new))
        != 0) {
      throw new IOException(errors.toString(StandardCharsets.UTF_8));
    }
    try (var inside = FileSystems.newFileSystem(jar)) {
      for (var each : CLASSES.keySet()) {
        Files.copy(
            compiled.resolve(FOLDER + each + ".class"),
            inside.getPath(FOLDER, each + ".class"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    distribution.put(name, Files.readAllBytes(jar));
  }

  private static void write(Map<String, byte[]> distribution, Path zip) throws IOException {
    try (var out = new ZipArchiveOutputStream(zip)) {
      out.setLevel(1);
      for (var file : distribution.entrySet()) {
        var entry = new ZipArchiveEntry("gradle-4.4.1/" + file.getKey());
        entry.setUnixMode(file.getKey().startsWith("bin/") ? 0755 : 0644);
        out.putArchiveEntry(entry);
        out.write(file.getValue());
        out.closeArchiveEntry();
      }
    }
  }
}

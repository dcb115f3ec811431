package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/// The files of a system, package by package, without what nobody reads in a container.
final class SystemTree {
  private static final Pattern LEFT_OUT =
      Pattern.compile(
          "/usr/share/(?:man|info|locale|lintian|bug|bash-completion|doc-base|zsh)/.*"
              + "|/usr/share/doc/(?!.*/copyright$).*"
              + "|/usr/lib/(?:systemd|udev|tmpfiles\\.d|sysusers\\.d)/.*"
              + "|/etc/(?:init\\.d|logrotate\\.d|ufw|cron\\..*)/.*");
  private static final Pattern ROOT_FOLDER = Pattern.compile("^/(bin|sbin|lib|lib64)/");
  private static final Pattern AUTHORITY =
      Pattern.compile("/usr/share/ca-certificates/mozilla/.*\\.crt");

  private final LayerTar layer;
  private final TreeMap<String, String> authorities = new TreeMap<>();

  SystemTree(LayerTar layer) {
    this.layer = layer;
  }

  /// `tar` holds a package's files and must stay until the layer is written.
  void add(Path tar) throws IOException {
    try (var files = new TarFile(tar)) {
      for (var entry : files.getEntries()) {
        var path = path(entry.getName());
        if (!path.isEmpty() && !LEFT_OUT.matcher(path).matches()) {
          add(path, entry, tar);
          if (AUTHORITY.matcher(path).matches()) {
            authorities.put(path, text(files, entry));
          }
        }
      }
    }
  }

  private void add(String path, TarArchiveEntry entry, Path tar) {
    var owner = new Owner((int) entry.getLongUserId(), (int) entry.getLongGroupId());
    if (entry.isDirectory()) {
      if (!layer.has(path)) {
        layer.directory(path, entry.getMode(), owner);
      }
    } else if (entry.isSymbolicLink()) {
      layer.link(path, entry.getLinkName(), owner);
    } else if (entry.isLink()) {
      layer.hardLink(path, path(entry.getLinkName()), entry.getMode(), owner);
    } else if (entry.isFile()) {
      layer.stretch(path, tar, entry.getDataOffset(), entry.getSize(), entry.getMode(), owner);
    }
  }

  /// All certificates of the authorities, one after the other.
  String certificates() {
    return String.join("", authorities.values());
  }

  /// Absolute, and with `/bin` and its like where they really are: below `/usr`.
  private static String path(String name) {
    var absolute = name.startsWith(".") ? name.substring(1) : "/" + name;
    var path = absolute.endsWith("/") ? absolute.substring(0, absolute.length() - 1) : absolute;
    return ROOT_FOLDER.matcher(path).replaceFirst("/usr/$1/");
  }

  private static String text(TarFile files, TarArchiveEntry entry) throws IOException {
    try (var content = files.getInputStream(entry)) {
      var bytes = new ByteArrayOutputStream();
      content.transferTo(bytes);
      var text = bytes.toString(StandardCharsets.US_ASCII);
      return text.endsWith("\n") ? text : text + "\n";
    }
  }
}

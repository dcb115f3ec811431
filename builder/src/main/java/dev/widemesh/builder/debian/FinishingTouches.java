package dev.widemesh.builder.debian;

import dev.widemesh.builder.image.LayerTar;
import dev.widemesh.builder.image.Owner;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// What the packages' own scripts would have done, had they run: users, certificates, and the links
/// that say which program is meant.
final class FinishingTouches {
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/bash
      daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
      www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
      widemesh:x:1000:1000:widemesh:/home/widemesh:/bin/bash
      nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
      """;
  private static final String GROUP =
      """
      root:x:0:
      daemon:x:1:
      adm:x:4:
      tty:x:5:
      mail:x:8:
      shadow:x:42:
      utmp:x:43:
      staff:x:50:
      www-data:x:33:
      widemesh:x:1000:
      nogroup:x:65534:
      """;
  private static final String NSSWITCH =
      """
      passwd: files
      group: files
      shadow: files
      hosts: files dns
      networks: files
      protocols: files
      services: files
      """;

  /// Links to make where the program that is meant is there.
  private static final Map<String, String> MEANT =
      new TreeMap<>(
          Map.of(
              "/usr/bin/sh", "/usr/bin/dash",
              "/usr/bin/awk", "/usr/bin/mawk",
              "/usr/bin/which", "/usr/bin/which.debianutils",
              "/usr/bin/cc", "/usr/bin/gcc",
              "/usr/bin/c++", "/usr/bin/g++",
              "/usr/bin/python", "/usr/bin/python3",
              "/usr/bin/pkg-config", "/usr/bin/pkgconf"));

  private FinishingTouches() {}

  static void apply(LayerTar layer, Lock lock, String certificates) {
    var root = Owner.ROOT;
    for (var folder : new String[] {"bin", "sbin", "lib", "lib64"}) {
      if (layer.has("/usr/" + folder)) {
        layer.link("/" + folder, "usr/" + folder, root);
      }
    }
    file(layer, "/etc/passwd", PASSWD);
    file(layer, "/etc/group", GROUP);
    file(layer, "/etc/nsswitch.conf", NSSWITCH);
    file(layer, "/etc/timezone", "Etc/UTC\n");
    file(layer, "/etc/ssl/certs/ca-certificates.crt", certificates);
    file(layer, "/var/lib/dpkg/status", status(lock));
    layer
        .link("/etc/localtime", "/usr/share/zoneinfo/Etc/UTC", root)
        .link("/usr/lib/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt", root)
        .link("/var/run", "/run", root)
        .directory("/root", 0700, root)
        .directory("/tmp", 01777, root)
        .directory("/var/tmp", 01777, root)
        .directory("/home/widemesh", 0755, Owner.APP);
    MEANT.forEach((name, program) -> mean(layer, name, program));
  }

  private static void mean(LayerTar layer, String name, String program) {
    if (!layer.has(name) && layer.has(program)) {
      layer.link(name, program.substring("/usr/bin/".length()), Owner.ROOT);
    }
  }

  private static String status(Lock lock) {
    var status = new StringBuilder();
    lock.packages().forEach(each -> status.append(each.stanza()));
    return status.toString();
  }

  private static void file(LayerTar layer, String path, String content) {
    layer.file(path, content.getBytes(StandardCharsets.UTF_8), 0644, Owner.ROOT);
  }
}

package dev.widemesh.builder.debian;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A package as the signed index describes it. `url` is where it lies; `depends` holds a list of
/// alternatives for each need.
record DebianPackage(
    String name,
    String version,
    String architecture,
    String source,
    String url,
    String sha256,
    long size,
    List<List<String>> depends,
    List<String> provides) {

  /// `mirror` is what the index's file names are relative to.
  static DebianPackage of(Map<String, String> stanza, String mirror) {
    var needs = new ArrayList<>(needs(stanza.getOrDefault("Pre-Depends", "")));
    needs.addAll(needs(stanza.getOrDefault("Depends", "")));
    var name = stanza.getOrDefault("Package", "");
    return new DebianPackage(
        name,
        stanza.getOrDefault("Version", "0"),
        stanza.getOrDefault("Architecture", ""),
        stanza.getOrDefault("Source", name),
        mirror + "/" + stanza.getOrDefault("Filename", ""),
        stanza.getOrDefault("SHA256", ""),
        Long.parseLong(stanza.getOrDefault("Size", "0")),
        List.copyOf(needs),
        needs(stanza.getOrDefault("Provides", "")).stream().flatMap(List::stream).toList());
  }

  private static List<List<String>> needs(String field) {
    var needs = new ArrayList<List<String>>();
    for (var need : Splitter.on(',').split(field)) {
      var alternatives = new ArrayList<String>();
      for (var alternative : Splitter.on('|').split(need)) {
        // "libc6:any (>= 2.38) [amd64]": the index is of one release, so versions fit
        var name = alternative.strip().replaceFirst("[ :(\\[].*", "");
        if (!name.isEmpty()) {
          alternatives.add(name);
        }
      }
      if (!alternatives.isEmpty()) {
        needs.add(List.copyOf(alternatives));
      }
    }
    return needs;
  }

  DebianPackage newer(DebianPackage other) {
    return new Version(version).compareTo(new Version(other.version)) >= 0 ? this : other;
  }
}

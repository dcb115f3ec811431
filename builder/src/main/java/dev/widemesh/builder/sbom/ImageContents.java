package dev.widemesh.builder.sbom;

import dev.widemesh.builder.sbom.Component.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What an image's layers say together: a file of an upper layer hides that of a lower one. Pure.
final class ImageContents {
  private static final String MODULES = "node_modules/";

  /// Names and versions of distributions.
  private static final Pattern SYSTEM = Pattern.compile("[A-Za-z0-9._-]{0,40}");

  /// In order: one that cannot be read tells less than the one before.
  private static final List<String> BILLS =
      List.of("sbom.cdx.json", "sbom.spdx.json", "sbom.syft.json");

  /// A component, and where it was found.
  record Place(Component component, List<String> paths) {
    Place {
      paths = List.copyOf(paths);
    }
  }

  private final TreeMap<String, List<Component>> found = new TreeMap<>();
  private final TreeMap<String, String> unread = new TreeMap<>();
  private final TreeSet<String> layers = new TreeSet<>();
  private boolean isFull;

  /// On top of those that were added before.
  void add(String digest, LayerContents layer) {
    layer.emptied().forEach(this::hideBelow);
    layer
        .removed()
        .forEach(
            path -> {
              hide(path);
              hideBelow(path);
            });
    layer.found().keySet().forEach(this::hide);
    if (LayerContents.weight(found, unread) + layer.weight() > LayerContents.MOST) {
      isFull = true;
      layers.add(
          "layer %s: it and those above it are not read: the image says more than %,d characters"
              .formatted(digest, LayerContents.MOST));
      return;
    }
    found.putAll(layer.found());
    layer
        .unread()
        .forEach(
            (path, why) -> {
              if (path.isEmpty()) {
                layers.add("layer %s: %s".formatted(digest, why));
              } else {
                unread.put(path, why);
              }
            });
  }

  /// Nothing more can be added.
  boolean isFull() {
    return isFull;
  }

  private void hide(String path) {
    found.remove(path);
    unread.remove(path);
  }

  private void hideBelow(String folder) {
    below(found, folder).clear();
    below(unread, folder).clear();
  }

  private static <T> SortedMap<String, T> below(NavigableMap<String, T> all, String folder) {
    // '0' comes after '/'.
    return folder.isEmpty() ? all : all.subMap(folder + "/", folder + "0");
  }

  /// What could not be read, and why: the list is not whole.
  List<String> unread() {
    var all = new ArrayList<>(layers);
    unread.forEach((path, why) -> all.add(path + ": " + why));
    return all;
  }

  Optional<Component> system() {
    return found.values().stream()
        .flatMap(List::stream)
        .filter(component -> component.kind() == Kind.OPERATING_SYSTEM)
        .findFirst();
  }

  /// By their references.
  Map<String, Place> components() {
    var system = system();
    var hasModules = found.keySet().stream().anyMatch(path -> path.contains(MODULES));
    var paths = new TreeMap<String, TreeSet<String>>();
    var all = new TreeMap<String, Component>();
    found.forEach(
        (path, components) -> {
          if (counts(path, hasModules)) {
            for (var each : components) {
              var component = distributed(each, system);
              paths.computeIfAbsent(component.reference(), _ -> new TreeSet<>()).add(path);
              all.merge(component.reference(), component, ImageContents::fuller);
            }
          }
        });
    var places = new TreeMap<String, Place>();
    all.forEach(
        (reference, component) ->
            places.put(
                reference,
                new Place(component, List.copyOf(paths.getOrDefault(reference, new TreeSet<>())))));
    return places;
  }

  private boolean counts(String path, boolean hasModules) {
    var name = Evidence.name(path);
    if (name.equals("package-lock.json")) {
      return !hasModules;
    }
    var rank = BILLS.indexOf(name);
    var beside = Evidence.folder(path) + "/";
    return rank < 1
        || BILLS.subList(0, rank).stream()
            .allMatch(better -> found.getOrDefault(beside + better, List.of()).isEmpty());
  }

  private static Component fuller(Component one, Component other) {
    return one.licence().isEmpty() ? other : one;
  }

  /// Packages of a distribution bear its name.
  private static Component distributed(Component component, Optional<Component> system) {
    var purl = component.purl();
    var name = system.map(Component::name).orElse("");
    var own = purl.startsWith("pkg:deb/debian/") || purl.startsWith("pkg:apk/alpine/");
    var version = system.map(Component::version).orElse("");
    if (name.isEmpty() || !own || !SYSTEM.matcher(name + version).matches()) {
      return component;
    }
    var type = purl.substring(0, purl.indexOf('/') + 1);
    var rest = purl.substring(purl.indexOf('/', type.length()));
    var distribution = Purl.encoded(version.isEmpty() ? name : name + "-" + version);
    return component.withPurl(
        type
            + Purl.encoded(name)
            + rest
            + (rest.contains("?") ? "&" : "?")
            + "distro="
            + distribution);
  }
}

package dev.widemesh.builder.supply;

import dev.widemesh.builder.Sources.Submodule;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.ShownAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;

/// Where a submodule comes from: https, and nothing in it that is nobody else's business.
record SubmoduleAddress(URI repository) {
  private static final int LONGEST = 1_000;

  /// `parent` is where the tree came from that names it: nobody knows that of a tree that was
  /// pushed here.
  static SubmoduleAddress of(Submodule submodule, Optional<SubmoduleAddress> parent)
      throws BuildRefused {
    var text = submodule.address();
    if (text.isEmpty()) {
      throw BuildRefused.because(
          "it has no url in .gitmodules",
          "git submodule add URL %1$s, or git rm --cached %1$s and commit its files"
              .formatted(submodule.path()));
    }
    if (isRelative(text)) {
      return relative(text, parent);
    }
    if (!text.startsWith("https://")) {
      throw BuildRefused.because(
          "'%s' is not read: submodules come over https".formatted(shown(text)), remedy());
    }
    return of(text, text);
  }

  private static boolean isRelative(String text) {
    return text.startsWith("./") || text.startsWith("../");
  }

  /// As git counts: from the parent as if it were a folder.
  private static SubmoduleAddress relative(String text, Optional<SubmoduleAddress> parent)
      throws BuildRefused {
    if (parent.isEmpty()) {
      throw BuildRefused.because(
          "'%s' is seen from where the app came from, which is not known here"
              .formatted(shown(text)),
          remedy());
    }
    var folder = parent.get().repository().toString().replaceFirst("/*$", "/");
    try {
      return of(URI.create(folder).resolve(new URI(text)).toString(), text);
    } catch (URISyntaxException _) {
      throw refused(text, "is no address");
    }
  }

  private static SubmoduleAddress of(String text, String said) throws BuildRefused {
    try {
      var address = new URI(text);
      if (text.length() > LONGEST || address.getHost() == null || address.getPath().length() < 2) {
        throw refused(said, "is no address of a repository");
      }
      if (address.getRawUserInfo() != null || address.getRawQuery() != null) {
        throw refused(said, "holds a name, a password or a query, which is not used");
      }
      if (address.getRawFragment() != null || address.getPath().contains("/../")) {
        throw refused(said, "is no address of a repository");
      }
      return new SubmoduleAddress(address);
    } catch (URISyntaxException _) {
      throw refused(said, "is no address");
    }
  }

  private static BuildRefused refused(String text, String why) {
    return BuildRefused.because("'%s' %s".formatted(shown(text), why), remedy());
  }

  private static String remedy() {
    return "give it an https URL that needs no login (git submodule set-url), or commit its files"
        + " instead";
  }

  private static String shown(String text) {
    var tame = ShownAddress.in(text).replaceFirst("^([a-z+]+://)[^/@]*@", "$1");
    var brief = tame.length() > 100 ? tame.substring(0, 100) + "..." : tame;
    return brief.replaceAll("[^ -~]", "?");
  }

  String shown() {
    return shown(repository.toString());
  }
}

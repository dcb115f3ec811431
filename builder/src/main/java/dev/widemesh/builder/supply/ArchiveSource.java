package dev.widemesh.builder.supply;

import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.BuildpackReference.Archive;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/// A packed folder. Where its hash was given it is asked for once; where not, its server is asked
/// each time whether it changed.
record ArchiveSource(Archive reference, Web web) implements Source {
  private static final String MODIFIED = "modified ";

  @Override
  public String key() {
    return "archive " + reference.file() + " " + reference.sha256().orElse("");
  }

  @Override
  public Optional<Arrival> fetch(Optional<Shelf.Note> known, Path into)
      throws IOException, InterruptedException, BuildRefused {
    if (known.isPresent() && reference.sha256().isPresent()) {
      return Optional.empty();
    }
    var answer = web.get(reference.file(), question(known));
    try (var body = answer.body()) {
      if (answer.statusCode() == 304 && known.isPresent()) {
        return Optional.empty();
      }
      if (answer.statusCode() != 200) {
        throw Web.refused(reference.file(), "its server answers " + answer.statusCode());
      }
      unpack(body, into);
    } catch (IOException e) {
      throw web.broken(reference.file(), e);
    }
    raise(into);
    return Optional.of(new Arrival(mark(answer), "", Extent.of(into)));
  }

  private static Map<String, String> question(Optional<Shelf.Note> known) {
    var headers = new HashMap<String, String>();
    var mark = known.map(Shelf.Note::mark).orElse("");
    if (mark.startsWith(MODIFIED)) {
      headers.put("If-Modified-Since", mark.substring(MODIFIED.length()));
    } else if (!mark.isEmpty()) {
      headers.put("If-None-Match", mark);
    }
    return headers;
  }

  private static String mark(HttpResponse<?> answer) {
    return answer
        .headers()
        .firstValue("ETag")
        .or(() -> answer.headers().firstValue("Last-Modified").map(MODIFIED::concat))
        .orElse("");
  }

  private void unpack(InputStream body, Path into) throws IOException, BuildRefused {
    var hashed = new HashedInput(body);
    new Unpacking(into, "", Supply.MOST_UNPACKED, Supply.MOST_FILES)
        .unpack(new GZIPInputStream(hashed, 1 << 16));
    var hash = hashed.rest();
    if (reference.sha256().isPresent() && !hash.equals("sha256:" + reference.sha256().get())) {
      throw BuildRefused.because(
          "%s has another hash than the one that was given: %s"
              .formatted(reference.file(), hash.replace(':', '=')),
          "find out why, then correct it in mesh stack buildpacks");
    }
  }

  /// Archives of forges hold all in one folder, which is nothing but the archive's name.
  private static void raise(Path root) throws IOException {
    if (Files.exists(root.resolve("buildpack.toml"), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var entries = Files.list(root)) {
      var all = entries.toList();
      if (all.size() == 1 && Files.isDirectory(all.getFirst(), LinkOption.NOFOLLOW_LINKS)) {
        raise(root, all.getFirst());
      }
    }
  }

  private static void raise(Path root, Path only) throws IOException {
    var aside = root.resolveSibling(root.getFileName() + "-raised");
    Files.move(only, aside);
    Files.delete(root);
    Files.move(aside, root);
  }
}

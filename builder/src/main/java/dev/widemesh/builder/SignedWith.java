package dev.widemesh.builder;

import dev.widemesh.api.Json;
import dev.widemesh.builder.registry.Durable;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file that says by what an image of before is known as the platform's own. Only who may write
/// to the platform's folder can say so: neither the registry nor the database can. What it does not
/// say, because it is missing or damaged, is not so.
public record SignedWith(Path file) {
  private static final Logger log = LoggerFactory.getLogger(SignedWith.class);

  /// So many keys that follow each other count, and the last ones.
  private static final int MOST = 10;

  /// What an earlier release wrote: the fingerprint of the key.
  private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

  /// By what an image of before is known.
  sealed interface Proof {
    /// A signature by the key of now, or by one of these.
    record Keys(List<VerifyingKey> keys) implements Proof {
      public Keys {
        keys = List.copyOf(keys);
      }
    }

    /// It is kept: nothing was signed until now. For the first look only, see [Named].
    record Kept() implements Proof {}

    /// It is one of these, which were kept when nothing was signed yet.
    record Named(List<String> images) implements Proof {
      public Named {
        images = List.copyOf(images);
      }
    }
  }

  /// PEM texts; `<repository>@<digest>`; all that is kept.
  private record Written(
      @Nullable List<String> keys, @Nullable List<String> images, @Nullable Boolean everything) {}

  /// `data` is [BuilderConfig#data].
  public static SignedWith in(Path data) {
    return new SignedWith(data.resolve("signed-with"));
  }

  /// To be told before the platform gets another key: what was signed with those counts, of which
  /// there may be none. What is written already stays.
  public void keepFormer(List<VerifyingKey> former) throws IOException {
    if (!saysMore()) {
      write(new Proof.Keys(former));
    }
  }

  /// To be told before the platform gets its first key: what is kept then counts.
  public void isFirst() throws IOException {
    if (text().isEmpty()) {
      write(new Proof.Kept());
    }
  }

  /// All that there is was signed with that key, unless something else is written.
  public void isAll(VerifyingKey key) throws IOException {
    if (text().isEmpty()) {
      write(new Proof.Keys(List.of(key)));
    }
  }

  Proof read() {
    try {
      return text().map(this::parse).orElse(new Proof.Keys(List.of()));
    } catch (IOException | IllegalArgumentException e) {
      log.warn("{} cannot be read: no key of before counts: {}", file, e.toString());
      return new Proof.Keys(List.of());
    }
  }

  private boolean saysMore() throws IOException {
    return text().filter(text -> !isFingerprint(text)).isPresent();
  }

  private static boolean isFingerprint(String text) {
    return FINGERPRINT.matcher(text.strip()).matches();
  }

  private Optional<String> text() throws IOException {
    return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
  }

  private Proof parse(String text) {
    if (text.isBlank() || isFingerprint(text)) {
      return new Proof.Keys(List.of());
    }
    var written = Json.read(text, Written.class);
    var images = written.images();
    if (images != null) {
      return new Proof.Named(images);
    }
    if (Boolean.TRUE.equals(written.everything())) {
      return new Proof.Kept();
    }
    var keys = written.keys();
    return new Proof.Keys(
        keys == null ? List.of() : keys.stream().map(VerifyingKey::parse).toList());
  }

  void write(Proof proof) throws IOException {
    var written =
        switch (proof) {
          case Proof.Keys(var keys) ->
              new Written(keys.stream().map(VerifyingKey::pem).toList(), null, null);
          case Proof.Kept _ -> new Written(null, null, true);
          case Proof.Named(var images) -> new Written(null, images, null);
        };
    var text = Json.write(written);
    if (!text().equals(Optional.of(text))) {
      Durable.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /// Those keys and that one after them.
  static Proof.Keys and(Proof.Keys before, VerifyingKey key) {
    var keys = new ArrayList<>(before.keys());
    keys.removeIf(one -> one.fingerprint().equals(key.fingerprint()));
    keys.add(key);
    return new Proof.Keys(keys.subList(Math.max(0, keys.size() - MOST), keys.size()));
  }
}

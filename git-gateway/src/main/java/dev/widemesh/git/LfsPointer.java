package dev.widemesh.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;
import java.util.regex.Pattern;

/// What git holds of a file that git LFS keeps elsewhere: its hash and its size, as text.
record LfsPointer(String oid, long size) {
  /// In bytes; what is longer is none.
  static final int LONGEST = 1_024;

  private static final Pattern TEXT =
      Pattern.compile(
          "version https?://(?:git-lfs|hawser|git-media)\\.(?:github\\.com|io)/(?:spec/v1|v/2)\\n"
              + "(?:ext-\\d-\\S+ \\S+\\n)*"
              + "oid sha256:([0-9a-f]{64})\\nsize (\\d{1,18})\\n?");

  /// Empty where the content is a file's own.
  static Optional<LfsPointer> parse(byte[] content) {
    if (content.length > LONGEST) {
      return Optional.empty();
    }
    var text = TEXT.matcher(new String(content, ISO_8859_1));
    return text.matches()
        ? Optional.of(new LfsPointer(text.group(1), Long.parseLong(text.group(2))))
        : Optional.empty();
  }
}

package dev.widemesh.allinone;

import dev.widemesh.builder.SignedWith;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/// The key with which images were signed until now: what it verifies is signed with the next one,
/// and nothing else. To be asked before [Secrets#make].
record FormerKey(DataFolder data) {
  /// Where the platform has none, it is about to get another one, or its first.
  void keep() throws IOException {
    if (new Secrets(data.secrets()).hasSigning()) {
      return;
    }
    if (Files.exists(data.signedBy())) {
      signed().keepFormer(shown());
    } else {
      signed().isFirst();
    }
  }

  /// What a backup holds verifies with the key that it holds: nothing is to be signed anew. One
  /// without is of before images were signed.
  void restored() throws IOException {
    var secrets = new Secrets(data.secrets());
    if (secrets.hasSigning()) {
      signed().isAll(secrets.signing().verifying());
    } else {
      keep();
    }
  }

  private SignedWith signed() {
    return SignedWith.in(ControlProcess.builds(data));
  }

  /// None where the file is damaged: then no key of before counts.
  private List<VerifyingKey> shown() throws IOException {
    try {
      return List.of(VerifyingKey.parse(Files.readString(data.signedBy())));
    } catch (IllegalArgumentException _) {
      return List.of();
    }
  }
}

package dev.widemesh.builder.debian;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;
import org.bouncycastle.openpgp.bc.BcPGPPublicKeyRingCollection;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/// A clear-signed text, as Debian's `InRelease` is. Only what a known key has signed is given out.
final class SignedText {
  private static final List<String> KEYS =
      List.of(
          "debian-archive-trixie-automatic.gpg",
          "debian-archive-trixie-security-automatic.gpg",
          "debian-archive-trixie-stable.gpg");

  private SignedText() {}

  /// The text that Debian's archive keys have signed.
  static String verified(byte[] signed, String source) throws IOException {
    var lines = new ArrayList<String>();
    var armored = new ArmoredInputStream(new ByteArrayInputStream(signed));
    if (!armored.isClearText()) {
      throw new MirrorFailed(source + " is not signed: choose another Debian mirror");
    }
    readText(armored, lines);
    for (var signature : signatures(armored)) {
      if (isGood(signature, lines)) {
        return String.join("\n", lines);
      }
    }
    throw new MirrorFailed(
        source + " is not signed by Debian's archive keys: choose another Debian mirror");
  }

  private static void readText(ArmoredInputStream armored, List<String> lines) throws IOException {
    var line = new ByteArrayOutputStream();
    for (var each = armored.read(); each >= 0 && armored.isClearText(); each = armored.read()) {
      if (each == '\n') {
        lines.add(line.toString(StandardCharsets.UTF_8));
        line.reset();
      } else {
        line.write(each);
      }
    }
    if (line.size() > 0) {
      lines.add(line.toString(StandardCharsets.UTF_8));
    }
  }

  private static List<PGPSignature> signatures(ArmoredInputStream armored) throws IOException {
    var found = new ArrayList<PGPSignature>();
    var objects = new BcPGPObjectFactory(armored);
    for (var each = objects.nextObject(); each != null; each = objects.nextObject()) {
      if (each instanceof PGPSignatureList list) {
        list.forEach(found::add);
      }
    }
    return found;
  }

  /// Signed are the lines without trailing blanks, joined by CR LF.
  private static boolean isGood(PGPSignature signature, List<String> lines) throws IOException {
    try {
      for (var name : KEYS) {
        var key = keys(name).getPublicKey(signature.getKeyID());
        if (key != null && !key.hasRevocation()) {
          signature.init(new BcPGPContentVerifierBuilderProvider(), key);
          var text = String.join("\r\n", lines.stream().map(String::stripTrailing).toList());
          signature.update(text.getBytes(StandardCharsets.UTF_8));
          return signature.verify();
        }
      }
      return false;
    } catch (PGPException e) {
      throw new IOException("cannot check the signature of Debian's package lists", e);
    }
  }

  private static PGPPublicKeyRingCollection keys(String name) throws IOException, PGPException {
    try (var key = SignedText.class.getResourceAsStream(name)) {
      if (key == null) {
        throw new IOException("Debian's key " + name + " is missing in this build");
      }
      return new BcPGPPublicKeyRingCollection(key.readAllBytes());
    }
  }
}

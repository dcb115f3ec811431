import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.regex.Pattern;

/// Writes a trust store (first argument) of the authorities in PEM files (the others). Without a
/// password, and therefore without random salt: the same authorities give the same bytes.
public class TrustStore {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----");

  public static void main(String[] args) throws Exception {
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (var i = 1; i < args.length; i++) {
      add(store, Path.of(args[i]));
    }
    try (var out = Files.newOutputStream(Path.of(args[0]))) {
      store.store(out, "changeit".toCharArray());
    }
  }

  private static void add(KeyStore store, Path file) throws Exception {
    var factory = CertificateFactory.getInstance("X.509");
    var found = PEM.matcher(Files.readString(file));
    while (found.find()) {
      var der = Base64.getMimeDecoder().decode(found.group(1));
      try {
        var authority = factory.generateCertificate(new ByteArrayInputStream(der));
        if (store.getCertificateAlias(authority) == null) {
          store.setCertificateEntry("authority-%03d".formatted(store.size()), authority);
        }
      } catch (CertificateException e) {
        System.err.println("       " + file.getFileName() + " holds what is no certificate: " + e.getMessage());
      }
    }
  }
}

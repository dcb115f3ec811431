package dev.widemesh.builder.debian;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whom a TLS connection may go to: those the JDK trusts, and those in the operator's bundle.
final class Trust {
  private Trust() {}

  static void use(HttpClient.Builder http, Path bundle) throws IOException {
    try {
      var own = KeyStore.getInstance(KeyStore.getDefaultType());
      own.load(null, null);
      add(own, managers(null));
      try (var certificates = Files.newInputStream(bundle)) {
        var number = 0;
        var factory = CertificateFactory.getInstance("X.509");
        for (var certificate : factory.generateCertificates(certificates)) {
          own.setCertificateEntry("bundle-" + number++, certificate);
        }
      }
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers(own).toArray(X509TrustManager[]::new), null);
      http.sslContext(context);
    } catch (CertificateException e) {
      throw new IOException(bundle + " is no bundle of certificates in PEM", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot trust the certificates in " + bundle, e);
    }
  }

  private static void add(KeyStore store, List<X509TrustManager> managers)
      throws GeneralSecurityException {
    var number = 0;
    for (var manager : managers) {
      for (X509Certificate certificate : manager.getAcceptedIssuers()) {
        store.setCertificateEntry("jdk-" + number++, certificate);
      }
    }
  }

  /// Of the JDK's own store where none is given.
  private static List<X509TrustManager> managers(@Nullable KeyStore store)
      throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .toList();
  }
}

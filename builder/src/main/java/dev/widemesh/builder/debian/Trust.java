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
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whom a TLS connection may go to: those the JDK trusts, and those in the operator's bundle.
public final class Trust {
  private Trust() {}

  static void use(HttpClient.Builder http, Path bundle) throws IOException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, of(Optional.of(bundle)).toArray(X509TrustManager[]::new), null);
      http.sslContext(context);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot trust the certificates in " + bundle, e);
    }
  }

  /// Those of the JDK alone where there is no bundle.
  public static List<X509TrustManager> of(Optional<Path> bundle) throws IOException {
    try {
      return bundle.isEmpty() ? managers(null) : managers(withBundle(bundle.get()));
    } catch (CertificateException e) {
      throw new IOException(named(bundle) + " is no bundle of certificates in PEM", e);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot trust the certificates in " + named(bundle), e);
    }
  }

  private static String named(Optional<Path> bundle) {
    return bundle.map(Path::toString).orElse("the JDK");
  }

  private static KeyStore withBundle(Path bundle) throws IOException, GeneralSecurityException {
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
    return own;
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

package dev.widemesh.router;

import dev.widemesh.api.rack.RackMessage;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Picks the certificate at each handshake from what is there at that moment, so new ones need no
/// restart. A name without one gets an alert. (Vert.x's own SNI keeps 16 contexts and rebuilds the
/// rest at every handshake.)
final class Certificates extends X509ExtendedKeyManager {
  private static final Logger log = LoggerFactory.getLogger(Certificates.class);

  private record Entry(String alias, List<X509Certificate> chain, PrivateKey key) {}

  private record Loaded(Map<String, Entry> names, Map<String, Entry> aliases) {}

  private volatile Loaded loaded = new Loaded(Map.of(), Map.of());

  void replace(List<RackMessage.Certificate> certificates) {
    var names = new HashMap<String, Entry>();
    var aliases = new HashMap<String, Entry>();
    for (var certificate : certificates) {
      try {
        var entry = entry(certificate);
        aliases.put(entry.alias(), entry);
        certificate.names().forEach(name -> names.put(Routing.key(name), entry));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        log.error("cannot use the certificate for {}: {}", certificate.names(), e.toString());
      }
    }
    loaded = new Loaded(names, aliases);
  }

  /// The alias follows from the content: a handshake that began before a [#replace] never mixes
  /// two.
  private static Entry entry(RackMessage.Certificate certificate) throws GeneralSecurityException {
    var pem = new ByteArrayInputStream(certificate.chain().getBytes(StandardCharsets.US_ASCII));
    var chain =
        CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("no certificate in the chain");
    }
    var algorithm = chain.getFirst().getPublicKey().getAlgorithm();
    var alias = MessageDigest.getInstance("SHA-256").digest(chain.getFirst().getEncoded());
    var name = HexFormat.of().formatHex(alias);
    return new Entry(name, chain, key(algorithm, certificate.key()));
  }

  private static PrivateKey key(String algorithm, String pem) throws GeneralSecurityException {
    var base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    var bytes = Base64.getDecoder().decode(base64);
    if (!pem.contains("BEGIN PRIVATE KEY")) {
      throw new InvalidKeySpecException("the key is not in PKCS #8 form");
    }
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
  }

  /// Exactly this name, or `*.` and all but its first label.
  private Optional<Entry> entry(String host) {
    var names = loaded.names();
    var name = Routing.key(host);
    var exact = names.get(name);
    var dot = name.indexOf('.');
    return exact != null || dot < 0
        ? Optional.ofNullable(exact)
        : Optional.ofNullable(names.get("*" + name.substring(dot)));
  }

  /// Whether a connection with this certificate may carry requests for the host (HTTP/2 clients
  /// reuse one for every host that it covers). It may have been renewed meanwhile.
  boolean covers(X509Certificate served, String host) {
    return entry(host)
        .filter(entry -> entry.chain().getFirst().equals(served) || names(served, host))
        .isPresent();
  }

  private static boolean names(X509Certificate served, String host) {
    var dot = host.indexOf('.');
    var wildcard = dot < 0 ? host : "*" + host.substring(dot);
    try {
      var alternatives = served.getSubjectAlternativeNames();
      return alternatives != null
          && alternatives.stream()
              .map(alternative -> Routing.key(String.valueOf(alternative.get(1))))
              .anyMatch(name -> name.equals(host) || name.equals(wildcard));
    } catch (CertificateParsingException _) {
      return false;
    }
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal @Nullable [] issuers, SSLEngine engine) {
    if (!(engine.getHandshakeSession() instanceof ExtendedSSLSession session)) {
      return null;
    }
    return session.getRequestedServerNames().stream()
        .filter(SNIHostName.class::isInstance)
        .map(name -> ((SNIHostName) name).getAsciiName())
        .findFirst()
        .flatMap(this::entry)
        .filter(entry -> type.startsWith(entry.key().getAlgorithm()))
        .map(Entry::alias)
        .orElse(null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    var entry = loaded.aliases().get(alias);
    return entry == null ? null : entry.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    var entry = loaded.aliases().get(alias);
    return entry == null ? null : entry.key();
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }
}

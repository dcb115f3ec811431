package dev.widemesh.controller;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.widemesh.api.rack.RackMessage;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Makes the certificates of the platform's own domain, from a root that never leaves its folder.
final class CertificateAuthority {
  private static final Duration ROOT = Duration.ofDays(3_652);
  private static final Duration LEAF = Duration.ofDays(90);
  private static final Duration RENEWAL = Duration.ofDays(30);
  private static final Duration SKEW = Duration.ofHours(1);

  /// Of a common name (X.520).
  private static final int LONGEST_NAME = 64;

  private final Path folder;
  private final String domain;
  private final InstantSource clock;
  private volatile List<RackMessage.Certificate> certificates = List.of();

  CertificateAuthority(Path folder, String domain, InstantSource clock) {
    this.folder = folder;
    this.domain = domain;
    this.clock = clock;
  }

  List<RackMessage.Certificate> certificates() {
    return certificates;
  }

  /// Makes what is missing, renews what is two thirds over or for another domain. Blocks.
  void renew() {
    try {
      Files.createDirectories(folder);
      if (!Files.exists(path("ca.pem"))) {
        makeRoot();
      }
      if (isDue()) {
        makeLeaf();
      }
      var chain = read("leaf.pem") + read("ca.pem");
      certificates = List.of(new RackMessage.Certificate(names(), chain, read("leaf.key")));
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(
          "cannot make certificates in " + folder + ": " + e.getMessage(), e);
    }
  }

  private List<String> names() {
    return List.of(domain, "*." + domain);
  }

  private GeneralNames alternatives() {
    return new GeneralNames(
        names().stream()
            .map(name -> new GeneralName(GeneralName.dNSName, name))
            .toArray(GeneralName[]::new));
  }

  private boolean isDue() throws IOException {
    if (!Files.exists(path("leaf.pem")) || !Files.exists(path("leaf.key"))) {
      return true;
    }
    var leaf = certificate("leaf.pem");
    var served =
        GeneralNames.fromExtensions(leaf.getExtensions(), Extension.subjectAlternativeName);
    var end = leaf.getNotAfter().toInstant();
    return !alternatives().equals(served) || end.minus(RENEWAL).isBefore(clock.instant());
  }

  private void makeRoot() throws IOException, GeneralSecurityException, OperatorCreationException {
    var pair = pair();
    var name = new X500Name("CN=" + rootName());
    var builder =
        builder(name, name, pair, ROOT)
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
            .addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    // The key first: a certificate without its key would be of no use.
    write("ca.key", pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
    write("ca.pem", pem(sign(builder, pair.getPrivate())));
  }

  /// Tells one platform's from another's in a list of what is trusted. It stays if the domain
  /// changes: whoever trusts it need not do so again.
  private String rootName() {
    var name = "Widemesh internal CA (" + domain + ")";
    return name.length() > LONGEST_NAME ? "Widemesh internal CA" : name;
  }

  private void makeLeaf() throws IOException, GeneralSecurityException, OperatorCreationException {
    var pair = pair();
    // Clients read the alternative names alone, which may be longer.
    var subject = new X500Name("CN=Widemesh platform domain");
    var builder =
        builder(certificate("ca.pem").getSubject(), subject, pair, LEAF)
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
            .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
            .addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
            .addExtension(Extension.subjectAlternativeName, false, alternatives());
    var leaf = sign(builder, rootKey());
    // A kill between the two leaves a pair that does not match: so the certificate goes first.
    Files.deleteIfExists(path("leaf.pem"));
    write("leaf.key", pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
    write("leaf.pem", pem(leaf));
  }

  private X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, KeyPair pair, Duration life) {
    var now = clock.instant();
    return new X509v3CertificateBuilder(
        issuer,
        new BigInteger(128, new SecureRandom()),
        date(now.minus(SKEW)),
        date(now.plus(life)),
        subject,
        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
  }

  @SuppressWarnings("JavaUtilDate") // The only type that the library takes.
  private static Date date(Instant instant) {
    return Date.from(instant);
  }

  private static KeyPair pair() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static X509CertificateHolder sign(X509v3CertificateBuilder builder, PrivateKey key)
      throws OperatorCreationException {
    return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key));
  }

  private PrivateKey rootKey() throws IOException {
    try (var parser = new PEMParser(new StringReader(read("ca.key")))) {
      if (parser.readObject() instanceof PrivateKeyInfo key) {
        return new JcaPEMKeyConverter().getPrivateKey(key);
      }
      throw new IOException(path("ca.key") + " holds no key");
    }
  }

  private X509CertificateHolder certificate(String file) throws IOException {
    try (var parser = new PEMParser(new StringReader(read(file)))) {
      if (parser.readObject() instanceof X509CertificateHolder holder) {
        return holder;
      }
      throw new IOException(path(file) + " holds no certificate");
    }
  }

  private static String pem(Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  private Path path(String file) {
    return folder.resolve(file);
  }

  private String read(String file) throws IOException {
    return Files.readString(path(file));
  }

  private void write(String file, String text) throws IOException {
    var mode =
        PosixFilePermissions.asFileAttribute(
            PosixFilePermissions.fromString(file.endsWith(".key") ? "rw-------" : "rw-r--r--"));
    var draft = path(file + ".new");
    Files.deleteIfExists(draft);
    try (var channel = FileChannel.open(draft, Set.of(CREATE_NEW, WRITE), mode)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(draft, path(file), StandardCopyOption.ATOMIC_MOVE);
    try (var directory = FileChannel.open(folder)) {
      directory.force(true);
    }
  }
}

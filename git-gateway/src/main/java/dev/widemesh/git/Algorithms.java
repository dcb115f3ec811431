package dev.widemesh.git;

import java.util.List;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.OptionalFeature;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.compression.BuiltinCompressions;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.mac.BuiltinMacs;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.SshServer;

/// The strict list: key exchanges that a quantum computer does not break (OpenSSH 8.5 and later
/// have them), authenticated ciphers, no SHA-1, no compression.
final class Algorithms {
  private static final List<BuiltinDHFactories> EXCHANGES =
      List.of(
          BuiltinDHFactories.mlkem768x25519,
          BuiltinDHFactories.sntrup761x25519,
          BuiltinDHFactories.sntrup761x25519_openssh);
  private static final List<BuiltinSignatures> SIGNATURES =
      List.of(
          BuiltinSignatures.ed25519,
          BuiltinSignatures.sk_ssh_ed25519,
          BuiltinSignatures.sk_ecdsa_sha2_nistp256,
          BuiltinSignatures.nistp256,
          BuiltinSignatures.nistp384,
          BuiltinSignatures.nistp521,
          BuiltinSignatures.rsaSHA512,
          BuiltinSignatures.rsaSHA256);
  private static final List<BuiltinCiphers> CIPHERS =
      List.of(
          BuiltinCiphers.cc20p1305_openssh,
          BuiltinCiphers.aes256gcm,
          BuiltinCiphers.aes128gcm,
          BuiltinCiphers.aes256ctr);
  private static final List<BuiltinMacs> MACS =
      List.of(BuiltinMacs.hmacsha512etm, BuiltinMacs.hmacsha256etm);

  private Algorithms() {}

  static void limit(SshServer server) {
    EXCHANGES.forEach(Algorithms::require);
    SIGNATURES.forEach(Algorithms::require);
    CIPHERS.forEach(Algorithms::require);
    MACS.forEach(Algorithms::require);
    server.setKeyExchangeFactories(
        NamedFactory.setUpTransformedFactories(false, EXCHANGES, ServerBuilder.DH2KEX));
    server.setSignatureFactories(List.copyOf(SIGNATURES));
    server.setCipherFactories(List.copyOf(CIPHERS));
    server.setMacFactories(List.copyOf(MACS));
    server.setCompressionFactories(List.of(BuiltinCompressions.none));
  }

  /// The library itself drops what it cannot do without a word.
  private static void require(OptionalFeature algorithm) {
    if (!algorithm.isSupported()) {
      throw new IllegalStateException(
          algorithm + " does not work: is Bouncy Castle (bcprov) on the class path?");
    }
  }
}

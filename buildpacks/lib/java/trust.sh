# Whom Java trusts: what programs in C trust already.

system_authorities=/etc/ssl/certs/ca-certificates.crt

# The operator's authorities are for the build only; the app gets Debian's.
build_authorities() {
  printf '%s\n' "$system_authorities"
  if [[ -n ${SSL_CERT_FILE-} && $SSL_CERT_FILE != "$system_authorities" ]]; then printf '%s\n' "$SSL_CERT_FILE"; fi
}

authorities_key() { build_authorities | xargs -d '\n' cat | sha256sum | cut -c1-16; }

# write_trust JAVA-HOME PEM-FILE...
write_trust() {
  local home=$1
  shift
  rm -f "$home/lib/security/cacerts"
  "$layers/jdk/bin/java" -XX:TieredStopAtLevel=1 "$CNB_BUILDPACK_DIR/lib/java/TrustStore.java" "$home/lib/security/cacerts" "$@"
}

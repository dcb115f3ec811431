# Rust in the layer `rust`; the crates, and what was compiled of them, in layers that are kept.

# Debian's, where the site does not answer.
debian_rust() { awk '/^[0-9]/ { print $1; exit }' "$CNB_BUILDPACK_DIR/debian.tsv"; }

packages_of() { awk -v arch="$arch" '/^[0-9]/ { file = $3; sub(/ARCH/, arch, file); print $2, file, (arch == "arm64" ? $5 : $4) }' "$CNB_BUILDPACK_DIR/debian.tsv"; }

# Whether Debian's does for this app.
debian_does() {
  local version
  version=$(debian_rust)
  [[ -z $least ]] || at_least "$version" "$least" || return 1
  [[ -z $(toolchain_file) || $(channel_in "$(toolchain_file)") =~ ^(|stable|${version%.*}|$version)$ ]]
}

use_debian() {
  local why is
  why=$(tail -1 "$scratch/curl")
  debian_does || refuse "$(host_of "$server") did not answer (${why#curl: }), and Debian's Rust $(debian_rust) does not do ($because: $rust)" \
    "look at the server's network, proxy and CA settings, or name a mirror: mesh stack config set BP_RUST_DIST_SERVER=https://..."
  rust=$(debian_rust)
  detail "$(host_of "$server") did not answer: Rust $rust of Debian 13 instead"
  is="key = \"Debian $(packages_of | sha256sum | cut -c1-16)\""
  if was_made_for rust "$is"; then
    step "Rust $rust (reused)"
  else
    step "Installing Rust $rust"
    rm -rf "${layers:?}/rust" "$layers/.debian"
    packages_of | unpack_packages "$layers/.debian" "push again when $(host_of "$server") answers" --exclude='./usr/share'
    mv "$layers/.debian/usr" "$layers/rust"
    rm -rf "$layers/.debian"
  fi
  layer_toml rust false false "$is"
  export LD_LIBRARY_PATH
  LD_LIBRARY_PATH=$(find "$layers/rust/lib" -maxdepth 1 -name '*-linux-gnu')${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
}

use_release() {
  local is
  is="key = \"$(sha256sum <<<"$components" | cut -c1-16)\""
  if was_made_for rust "$is"; then
    step "Rust $rust (reused)"
  else
    step "Installing Rust $rust"
    rm -rf "$layers/.rust"
    unpack_release "$layers/.rust" || return 1
    rm -rf "${layers:?}/rust"
    mv "$layers/.rust" "$layers/rust"
    detail "from $(host_of "$server")"
  fi
  layer_toml rust false false "$is"
}

provide_rust() {
  { find_release && use_release; } || use_debian
  export PATH=$layers/rust/bin:$PATH
  provide_crates
}

provide_crates() {
  local is
  is="key = \"$(sha256sum "$layers/rust.toml" | cut -c1-16)\""
  mkdir -p "$layers"/{crates,compiled}
  if ! was_made_for compiled "$is"; then rm -rf "${layers:?}/compiled"; fi
  mkdir -p "$layers/compiled"
  own_files crates
  own_files compiled
  layer_toml crates false false 'key = "crates"'$'\n'"$in_place"
  layer_toml compiled false false "$is"$'\n'"$in_place"
  export CARGO_HOME=$layers/crates CARGO_TARGET_DIR=$layers/compiled/target
  export CARGO_HTTP_CAINFO=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt} CARGO_NET_RETRY=2 CARGO_HTTP_TIMEOUT=20
  export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never RUSTC_WRAPPER=
}

# run_cargo ARGUMENTS...: what it says is shown, and explained should it fail; its answer is in `scratch`/answer.
run_cargo() {
  local code=0
  { cargo "$@" </dev/null 2>&1 >"$scratch/answer" | tee "$scratch/cargo.log" | quieter | indented; } || code=$?
  ((code == 0)) || explain_cargo "$1" "$code"
}

# Of hundreds of crates the number is enough.
quieter() { sed -uE '/^ +(Downloaded [^ ]+ v|Locking|Adding [^ ]+ v|Blocking waiting)/d'; }

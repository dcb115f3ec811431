# Releases of Rust as static.rust-lang.org has them, or a mirror that the configuration names. What is
# pinned is checked by the sum here, anything else by the sum in the list of its release.

site=https://static.rust-lang.org
server=${BP_RUST_DIST_SERVER:-$site}
server=${server%/}

case $(uname -m) in
  aarch64) host=aarch64-unknown-linux-gnu pin_column=5 ;;
  *) host=x86_64-unknown-linux-gnu pin_column=4 ;;
esac

# list_of VERSION: where its list lies: nightly-2026-10-01 is that of a day.
list_of() {
  if [[ $1 =~ ^(nightly|beta)-(.*)$ ]]; then
    printf '%s/dist/%s/channel-rust-%s.toml' "$server" "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}"
  else
    printf '%s/dist/channel-rust-%s.toml' "$server" "$1"
  fi
}

pinned_components() {
  awk -F'\t' -v v="$rust" -v host="$host" -v column="$pin_column" '$1 == v {
    printf "%s dist/%s/%s-%s-%s.tar.xz %s\n", $2, $3, $2, $1, host, $column }' "$pins"
}

# listed_components LIST: those of this kind of machine.
listed_components() {
  awk -v host="$host" -v site="$site/" '
    /^\[/ { name = "" }
    match($0, /^\[pkg\.[a-z-]+\.target\./) { name = substr($0, 6, RLENGTH - 13)
      if (substr($0, RLENGTH + 1) != host "]" || name !~ /^(cargo|rustc|rust-std)$/) name = "" }
    name != "" && /^xz_url = / { gsub(/"/, "", $3); sub(site, "", $3); url = $3 }
    name != "" && /^xz_hash = / { gsub(/"/, "", $3); print name, url, $3 }
  ' "$1"
}

# find_release: `components` has a line for each: name, file below the server, sha256. False where the
# server does not answer.
find_release() {
  components=$(pinned_components)
  [[ -z $components ]] || return 0
  if ! fetch "$(list_of "$rust")" "$scratch/release.toml" 4; then
    is_missing || return 1
    refuse "there is no Rust $rust ($because)" "write another version, e.g. channel = \"$(default_rust)\", into rust-toolchain.toml"
  fi
  components=$(listed_components "$scratch/release.toml")
  [[ $(wc -l <<<"$components") == 3 ]] || refuse "Rust $rust is not made for $host" "write another version into rust-toolchain.toml"
}

# unpack_release FOLDER: false where the server does not answer.
unpack_release() {
  local name file sha256
  mkdir -p "$1"
  while read -r name file sha256; do
    if ! fetch "$server/$file" "$scratch/$name.tar.xz" 4; then
      is_missing && refuse "$(host_of "$server") does not have ${file##*/}" "look at BP_RUST_DIST_SERVER, or choose another version in rust-toolchain.toml"
      return 1
    fi
    sha256sum --status -c - <<<"$sha256  $scratch/$name.tar.xz" || refuse "${file##*/} arrived damaged (sha256 differs)" "push again"
    tar -xJf "$scratch/$name.tar.xz" -C "$1" --strip-components 2 --no-same-owner \
      --exclude='*/share' --exclude='*/etc' --exclude='*/libexec' --exclude='*/bin/rust-gdb*' --exclude='*/bin/rust-lldb' --exclude='*/bin/rustdoc' --exclude='*/manifest.in' || refuse "${file##*/} cannot be unpacked" "push again"
    rm "$scratch/$name.tar.xz"
  done <<<"$components"
}

# Which Rust: `rust` is a version or channel as rustup knows it (1.99.1, 1.90, nightly-2026-10-01),
# `because` says who chose it, `least` is what Cargo.toml wants at least, or nothing.

default_rust() { awk '/^[0-9]/ { print $1 }' "$pins" | sort -uV | tail -1; }

at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | tail -1) == "$1" ]]; }

toolchain_file() {
  local file
  for file in rust-toolchain.toml rust-toolchain; do
    if [[ -f $file ]]; then
      printf '%s' "$file"
      return
    fi
  done
}

# The old form is nothing but the channel.
channel_in() {
  if grep -q '^\[toolchain\]' "$1"; then
    sed -nE "s/^[[:space:]]*channel[[:space:]]*=[[:space:]]*[\"']([^\"']+)[\"'].*/\1/p" "$1" | head -1
  else
    tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true
  fi
}

# In the package, or for all packages of the workspace.
least_wanted() { sed -nE "s/^[[:space:]]*rust-version[[:space:]]*=[[:space:]]*[\"']([0-9.]+)[\"'].*/\1/p" Cargo.toml | head -1; }

choose_version() {
  local file channel
  rust=$(default_rust) least=$(least_wanted)
  file=$(toolchain_file)
  if [[ -z $file ]]; then
    because="the newest known here; choose another with a file rust-toolchain.toml"
    if [[ -n $least ]] && ! at_least "$rust" "$least"; then
      rust=$least because="rust-version in Cargo.toml"
    fi
    return
  fi
  channel=$(channel_in "$file")
  because="channel in $file"
  case ${channel%-unknown-linux-gnu} in
    *-x86_64) channel=${channel%-x86_64-*} ;;
    *-aarch64) channel=${channel%-aarch64-*} ;;
  esac
  if [[ -z $channel || $channel == stable ]]; then
    because="the newest stable one known here; choose another with channel in $file"
  elif [[ $channel =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?$ || $channel =~ ^(nightly|beta)(-[0-9]{4}-[0-9]{2}-[0-9]{2})?$ ]]; then
    rust=$(pinned_of "$channel") rust=${rust:-$channel}
    if [[ $channel == nightly || $channel == beta ]]; then because="$because; it is another one each day: name a day, $channel-$(date +%F)"; fi
  else
    refuse "Rust '$channel' cannot be had here ($because)" "write a version into $file, e.g. channel = \"$rust\""
  fi
}

# pinned_of VERSION: 1.99 is 1.99.1 where that is pinned.
pinned_of() { awk -v v="$1" '/^[0-9]/ && ($1 == v || index($1, v ".") == 1) { print $1 }' "$pins" | sort -uV | tail -1; }

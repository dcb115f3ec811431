# Cargo compiles anew what is newer than what was made of it, and a checkout is all new. So every file
# gets the time of long ago, but for those that differ from the build before.

long_ago=1980-01-01T00:00:01Z

# Crates that the repository brings along (cargo vendor) too: [patch] can make one a package by its path.
own_sources() { find . \( -path ./.git -o -path ./target \) -prune -o -type f -print0; }

# Links, and where they lead: that may be another file though no file differs.
own_links() { find . \( -path ./.git -o -path ./target \) -prune -o -type l -printf '%p\n%l\0' | LC_ALL=C sort -z; }

# names_in LIST: without the sums.
names_in() { cut -z -c67- "$1" | LC_ALL=C sort -z; }

# Names that came or went may matter to all: build scripts and macros look into folders. The same goes
# for links, and for anything that is no Rust.
changed_sources() {
  local before=$layers/compiled/sources now=$scratch/sources
  if [[ ! -f $before ]] || ! cmp -s "$scratch/links" "$layers/compiled/links" || ! cmp -s <(names_in "$now") <(names_in "$before"); then
    names_in "$now"
    return
  fi
  LC_ALL=C comm -z -13 "$before" "$now" | names_in - >"$scratch/changed"
  if [[ -n $(grep -zv '\.rs$' "$scratch/changed" | tr '\0' '\n') ]]; then names_in "$now"; else cat "$scratch/changed"; fi
}

sums() { own_sources | xargs -0 -r sha256sum -z | LC_ALL=C sort -z; }

mark_sources() {
  sums >"$scratch/sources"
  own_links >"$scratch/links"
  find . -path ./.git -prune -o -type f -exec touch -d "$long_ago" {} +
  changed_sources | xargs -0 -r touch --
  cp "$scratch/sources" "$scratch/links" "$layers/compiled/"
}

# What a build script wrote beside the sources, or into target, the next checkout does not have: there it must run again,
# so that then everything is newer. Cargo.lock is Cargo's.
notice_written() {
  [[ ! -e target ]] && cmp -s <(own_links) "$scratch/links" && cmp -s <(sums | grep -zv ' ./Cargo\.lock$') <(grep -zv ' ./Cargo\.lock$' "$scratch/sources") ||
    rm "$layers/compiled/sources"
}

# Packages of Debian, the pinned versions first: the same commit then gets the same files tomorrow.

# Programs that bring along what they need may be an older Debian's.
debian_release=trixie

case $(uname -m) in
  aarch64) arch=arm64 ;;
  *) arch=amd64 ;;
esac

debian=http://deb.debian.org/debian
mirror=${WIDEMESH_DEBIAN_MIRROR:-$debian}
mirror=${mirror%/}
security=${mirror%/debian}/debian-security

# pinned_package NAME FILE SHA256: FILE below pool/main; false when Debian has replaced it.
pinned_package() {
  fetch_checked "$mirror/pool/main/$2" "$3" "$scratch/$1.deb" ||
    fetch_checked "$security/pool/updates/main/$2" "$3" "$scratch/$1.deb"
}

arrived() { [[ -f $2 ]] && sha256sum --status -c - <<<"$1  $2"; }

# fetch_ahead <LINES: each a URL, a sha256 and a file. Eight at once; whoever needs one that did not
# arrive fetches it again, and hears why.
fetch_ahead() {
  local url sha256 file
  while read -r url sha256 file; do
    arrived "$sha256" "$file" || printf 'url = "%s"\noutput = "%s"\n' "$url" "$file"
  done >"$scratch/ahead"
  [[ ! -s $scratch/ahead ]] ||
    curl -fsSLZ --parallel-max 8 --parallel-immediate --retry 2 --connect-timeout 10 --max-time 300 -K "$scratch/ahead" 2>/dev/null || true
}

# no_lists WHY: a mirror of the operator's may not speak TLS.
no_lists() {
  refuse "the package lists of the operator's mirror $(host_of "$mirror") cannot be had over https (${1#curl: }), and over http anybody could have written them; $(host_of "$debian") did not answer" \
    "let the operator name a mirror that has https in WIDEMESH_DEBIAN_MIRROR, or update Widemesh, which brings checksums of newer packages"
}

is_plain_mirror() { [[ $mirror == http:* && $mirror != "$debian" ]]; }

# of_debian URL: the same at Debian's own.
of_debian() {
  if [[ $1 == "$security"/* ]]; then
    printf '%s-security/%s' "$debian" "${1#"$security"/}"
  else
    printf '%s/%s' "$debian" "${1#"$mirror"/}"
  fi
}

# over_tls URL: whether that list came.
over_tls() { fetch "${1/#http:/https:}" "$scratch/list.xz"; }

# from_mirror URL: a mirror without TLS is asked for it once, and not for long.
from_mirror() {
  if ! is_plain_mirror; then
    over_tls "$1"
    return
  fi
  [[ -z $without_tls ]] || return 1
  fetch "${1/#http:/https:}" "$scratch/list.xz" 4 0 && return
  without_tls=$(tail -1 "$scratch/curl")
  return 1
}

# fetch_list URL: its signature is not checked here, so over https; sets `base`, where the packages lie. What a mirror
# without it cannot tell Debian itself does; the packages, whose sums stand there, come from the mirror all the same. A
# list that a mirror does not have comes from Debian with its packages.
fetch_list() {
  local of_debian
  of_debian=$(of_debian "$1") base=${1%/dists/*}
  from_mirror "$1" && return
  if [[ -n $without_tls ]]; then
    over_tls "$of_debian" || no_lists "$without_tls"
  elif [[ $of_debian != "$1" ]] && is_missing; then
    base=${of_debian%/dists/*}
    over_tls "$of_debian" || cannot_fetch "$of_debian"
  else
    cannot_fetch "${1/#http:/https:}"
  fi
}

package_lists() {
  local list base without_tls=""
  for list in "$security/dists/$debian_release-security" "$mirror/dists/$debian_release" "$mirror/dists/$debian_release-backports"; do
    list=$list/main/binary-$arch/Packages.xz
    fetch_list "$list"
    printf 'Base: %s\n\n' "$base"
    xz -dc "$scratch/list.xz"
    printf '\n\n'
  done
}

# newest_package NAME OTHERWISE [PINNED]: what Debian has now, said where it is another, or else what to do.
newest_package() {
  local found file
  [[ -s $scratch/lists-$debian_release ]] || package_lists >"$scratch/lists-$debian_release"
  found=$(awk -v RS= -v name="$1" '
    /^Base: / { base = $2 }
    $0 ~ "^Package: " name "\n" { match($0, /\nFilename: [^\n]+/); file = substr($0, RSTART + 11, RLENGTH - 11)
      match($0, /\nSHA256: [^\n]+/); print base "/" file, substr($0, RSTART + 9, RLENGTH - 9); exit }' "$scratch/lists-$debian_release")
  [[ -n $found ]] || refuse "Debian ($debian_release) has no $1 any more" "$2"
  file=${found% *} file=${file##*/}
  [[ $# == 2 || $file == "${3##*/}" ]] || detail "$file (sha256 ${found##* }) instead of ${3##*/}"
  fetch_checked "${found% *}" "${found##* }" "$scratch/$1.deb" || cannot_fetch "${found% *}"
}

# The first by itself: it shows whether the mirror answers.
pinned_packages() {
  local lines name file sha256 pool first=true
  lines=$(cat)
  while read -r name file sha256; do
    if ! arrived "$sha256" "$scratch/$name.deb" && ! pinned_package "$name" "$file" "$sha256"; then
      detail "Debian has replaced ${file##*/}: taking its newest"
      return 1
    fi
    if $first; then
      for pool in "$mirror/pool/main" "$security/pool/updates/main"; do
        fetch_ahead < <(while read -r name file sha256; do echo "$pool/$file $sha256 $scratch/$name.deb"; done <<<"$lines")
      done
      first=false
    fi
  done <<<"$lines"
}

# unpack_packages FOLDER OTHERWISE [OPTION-OF-TAR...] <LINES: each a package's name, file and sha256.
# All of them as pinned, or all as Debian has them now: they belong together.
unpack_packages() {
  local folder=$1 otherwise=$2 lines name file
  shift 2
  lines=$(cat)
  if ! pinned_packages <<<"$lines"; then
    while read -r name file _; do newest_package "$name" "$otherwise" "$file"; done <<<"$lines"
  fi
  mkdir -p "$folder"
  while read -r name _; do
    ar p "$scratch/$name.deb" data.tar.xz | tar -xJ -C "$folder" "$@"
    rm "$scratch/$name.deb"
  done <<<"$lines"
}

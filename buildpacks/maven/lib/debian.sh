# Packages of Debian 13, the pinned versions first: the same commit then gets the same Java tomorrow.

case $(uname -m) in
  aarch64) arch=arm64 jdk_column=5 ;;
  *) arch=amd64 jdk_column=3 ;;
esac

mirror=${WIDEMESH_DEBIAN_MIRROR:-http://deb.debian.org/debian}
mirror=${mirror%/}
security=${mirror%/debian}/debian-security

host_of() { sed -E 's#^[a-z]+://([^/]+).*#\1#' <<<"$1"; }

# fetch URL FILE
fetch() { curl -fsSL --retry 2 --connect-timeout 10 --max-time 300 -o "$2" "$1" 2>"$scratch/curl"; }

cannot_fetch() {
  local why
  why=$(tail -1 "$scratch/curl")
  refuse "$(host_of "$1") did not answer (${why#curl: })" \
    "look at the server's network, proxy and CA settings, then push again"
}

is_missing() { [[ $(tail -1 "$scratch/curl") == *' 404'* ]]; }

# fetch_checked URL SHA256 FILE: false where there is no such file.
fetch_checked() {
  if ! fetch "$1" "$3"; then
    is_missing || cannot_fetch "$1"
    return 1
  fi
  sha256sum --status -c - <<<"$2  $3" || refuse "${1##*/} arrived damaged (sha256 differs)" "push again"
}

# pinned_package NAME SHA256: false when Debian has replaced it.
pinned_package() {
  local file
  file=openjdk-$java/$1_${version}_$arch.deb
  fetch_checked "$security/pool/updates/main/o/$file" "$2" "$scratch/$1.deb" ||
    fetch_checked "$mirror/pool/main/o/$file" "$2" "$scratch/$1.deb"
}

# The package lists over https: their signature is not checked here.
package_lists() {
  local list
  for list in "$security/dists/trixie-security" "$mirror/dists/trixie"; do
    list=${list/#http:/https:}/main/binary-$arch/Packages.xz
    fetch "$list" "$scratch/list.xz" || cannot_fetch "$list"
    printf 'Base: %s\n\n' "${list%/dists/*}"
    xz -dc "$scratch/list.xz"
    printf '\n\n'
  done
}

# newest_package NAME: what Debian has now.
newest_package() {
  local found
  [[ -s $scratch/lists ]] || package_lists >"$scratch/lists"
  found=$(awk -v RS= -v name="$1" '
    /^Base: / { base = $2 }
    $0 ~ "^Package: " name "\n" { match($0, /\nFilename: [^\n]+/); file = substr($0, RSTART + 11, RLENGTH - 11)
      match($0, /\nSHA256: [^\n]+/); print base "/" file, substr($0, RSTART + 9, RLENGTH - 9); exit }' "$scratch/lists")
  [[ -n $found ]] || refuse "Debian 13 has no $1 any more" "choose another Java with java.runtime.version in system.properties"
  fetch_checked "${found% *}" "${found##* }" "$scratch/$1.deb" || cannot_fetch "${found% *}"
}

# unpack_java FOLDER: the JDK and the runtime, as Debian lays them out.
unpack_java() {
  local jdk_sha jre_sha name
  version=$(awk -v j="$java" '$1 == j { print $2 }' "$pins")
  jdk_sha=$(awk -v j="$java" -v c="$jdk_column" '$1 == j { print $c }' "$pins")
  jre_sha=$(awk -v j="$java" -v c="$jdk_column" '$1 == j { print $(c + 1) }' "$pins")
  if ! { pinned_package "openjdk-$java-jre-headless" "$jre_sha" && pinned_package "openjdk-$java-jdk-headless" "$jdk_sha"; }; then
    detail "Debian has replaced OpenJDK $version: taking its newest"
    newest_package "openjdk-$java-jre-headless"
    newest_package "openjdk-$java-jdk-headless"
  fi
  mkdir -p "$1"
  for name in jre jdk; do
    ar p "$scratch/openjdk-$java-$name-headless.deb" data.tar.xz | tar -xJ -C "$1" --exclude='./usr/share/*'
    rm "$scratch/openjdk-$java-$name-headless.deb"
  done
}

# A build tool as the project's wrapper names it (gradle-wrapper.properties, maven-wrapper.properties):
# fetched once, compared with its checksum, unpacked into a layer. The wrapper's own program is not
# needed, so that it may be missing in the repository.

# property NAME FILE: with \: and \= as : and =.
property() {
  sed -nE "s/^[[:space:]]*$1[[:space:]]*[=:][[:space:]]*(.*)/\1/p" "$2" | tr -d '\r' | tail -1 | sed -E 's/[[:space:]]+$//; s/\\(.)/\1/g'
}

central=https://repo.maven.apache.org/maven2

# sources_of URL: the operator's mirror first; where it is one of Maven Central, that alone. `mirrored` is what the mirror
# `tool_mirror` stands for.
sources_of() {
  local each
  for each in "$central" https://repo1.maven.org/maven2; do
    if [[ -n ${WIDEMESH_MAVEN_MIRROR-} && $1 == "$each"/* ]]; then
      printf '%s/%s\n' "${WIDEMESH_MAVEN_MIRROR%/}" "${1#"$each"/}"
      return
    fi
  done
  if [[ -n ${tool_mirror-} && $1 == "$mirrored"/* ]]; then printf '%s/%s\n' "${tool_mirror%/}" "${1#"$mirrored"/}"; fi
  printf '%s\n' "$1"
}

# fetch_from_sources URL FILE OTHERWISE: from the first that has it.
fetch_from_sources() {
  local sources source why otherwise="correct distributionUrl in ${wrapper:-the project}"
  mapfile -t sources < <(sources_of "$1")
  for source in "${sources[@]}"; do
    if fetch "$source" "$2"; then
      if [[ $source != "$1" ]]; then detail "from the operator's mirror $(host_of "$source")"; fi
      return
    fi
    why=$(tail -1 "$scratch/curl")
    if [[ $source != "${sources[-1]}" ]]; then detail "the operator's mirror $(host_of "$source") has no ${1##*/} (${why#curl: })"; fi
  done
  if [[ $source != "$1" ]]; then
    if wants_login; then refuse_login "$source" "$(setting_of_mirror "$source")"; fi
    otherwise="let the operator look at $(setting_of_mirror "$source"), or $otherwise"
  fi
  if is_missing; then refuse "$(host_of "$source") has no ${1##*/}" "$otherwise"; fi
  refuse "$(host_of "$source") did not answer (${why#curl: })" "$3"
}

# check_sum FILE SUM: of sha256 or sha512, by its length.
check_sum() {
  local algorithm=sha256 whose=${wrapper:-the project}
  if ((${#2} > 64)); then algorithm=sha512; fi
  "${algorithm}sum" --status -c - <<<"$2  $1" ||
    refuse "${1##*/} is not what its checksum says ($algorithm ${2:0:12}...)" \
      "correct distributionSha256Sum in $whose; where there is none, push again: the file arrived damaged"
}

# check_distribution FILE URL SUM: with the project's checksum, or else with the one that lies beside
# the file, which only tells that it arrived whole. What a mirror of some of the files does not stand for alone is compared
# with the sum of whom it mirrors.
check_distribution() {
  local sum=$3 beside
  for beside in sha256 sha512; do
    if [[ -z $sum ]] && fetch "$(sources_of "$2" | tail -1).$beside" "$scratch/sum"; then
      sum=$(tr -d '\r' <"$scratch/sum" | grep -oE '^([0-9a-f]{128}|[0-9a-f]{64})' | head -1 || true)
    fi
  done
  if [[ -n $sum ]]; then
    check_sum "$1" "$sum"
  else
    detail "not compared with a checksum: $wrapper has no distributionSha256Sum, and none lies beside the file"
  fi
}

# file_in_repository PATH: beside the wrapper's properties; sets `file`.
file_in_repository() {
  file=$(realpath -e "${wrapper%/*}/$1" 2>/dev/null || true)
  [[ $file == "$PWD"/* ]] || refuse "there is no file $1 beside $wrapper" "correct distributionUrl in $wrapper"
}

# unpack FILE FOLDER: without the folder that everything in it lies in.
unpack() {
  local root
  mkdir "$scratch/unpacked"
  case $1 in
    *.zip) unzip -q "$1" -d "$scratch/unpacked" >"$scratch/unzip.log" 2>&1 ;;
    *) tar -xf "$1" -C "$scratch/unpacked" >"$scratch/unzip.log" 2>&1 ;;
  esac || refuse "${1##*/} cannot be unpacked ($(tail -1 "$scratch/unzip.log"))" "correct distributionUrl in ${wrapper:-the project}"
  root=$(find "$scratch/unpacked" -mindepth 1 -maxdepth 1 -type d | head -1)
  [[ -d $root/bin ]] || refuse "${1##*/} holds nothing to run" "correct distributionUrl in ${wrapper:-the project}"
  mv "$root" "$2"
  rm -rf "$scratch/unpacked"
}

# provide_distribution LAYER NAME URL SUM OTHERWISE [LAUNCH]: a URL without a scheme is a file of the repository.
provide_distribution() {
  local layer=$1 name=$2 url=$3 sum=$4 otherwise=$5 file is
  is="key = \"${url//[^A-Za-z0-9:\/._+@-]/_} $sum\""
  if was_made_for "$layer" "$is"; then
    step "$name (reused)"
  else
    step "Installing $name"
    rm -rf "${layers:?}/$layer"
    if [[ $url =~ ^https?:// ]]; then
      file=${url%%[?]*} file=$scratch/${file##*/}
      fetch_from_sources "$url" "$file" "$otherwise"
      check_distribution "$file" "$url" "$sum"
      unpack "$file" "$layers/$layer"
      rm "$file"
    else
      file_in_repository "$url"
      [[ -z $sum ]] || check_sum "$file" "$sum"
      unpack "$file" "$layers/$layer"
    fi
  fi
  layer_toml "$layer" false "${6:-false}" "$is"
}

# The npm registry, or the operator's mirror of it, which then is asked alone; the sums are checked.

registry=${WIDEMESH_NPM_MIRROR:-https://registry.npmjs.org}
registry=${registry%/}

# Whose it is, for people.
registry_name() {
  if [[ -n ${WIDEMESH_NPM_MIRROR-} ]]; then
    printf "the operator's mirror %s" "$(host_of "$registry")"
  else
    printf 'the npm registry'
  fi
}

# must_fetch URL FILE WHAT
must_fetch() {
  fetch "$1" "$2" && return
  if is_missing; then refuse "$(host_of "$1") does not have $3" "choose another version"; fi
  cannot_fetch "$1"
}

# fetch_json NAME: what the registry says of a package, or of one version (NAME/VERSION), in json_of NAME.
json_of() { printf '%s/%s.json' "$scratch" "${1//\//-}"; }

fetch_json() { [[ -f $(json_of "$1") ]] || must_fetch "$registry/$1" "$(json_of "$1")" "$1"; }

# integrity_of PACKAGE VERSION. Every mirror has what npm itself asks for: all versions in one document.
integrity_of() {
  if [[ -n ${WIDEMESH_NPM_MIRROR-} ]]; then
    fetch_json "$1"
    jq -r --arg version "$2" '.versions[$version].dist.integrity // empty' "$(json_of "$1")"
    return
  fi
  fetch_json "$1/$2"
  jq -r '.dist.integrity // empty' "$(json_of "$1/$2")"
}

# first_fit RANGE PREFERRED <VERSIONS
first_fit() { jq -nRr --arg range "$1" --arg prefer "$2" -f "$CNB_BUILDPACK_DIR/lib/semver.jq"; }

# newest_of PACKAGE RANGE: the newest released version in the range, or nothing. That is another one tomorrow, so the next
# build has to ask again.
newest_of() {
  touch "$scratch/asked-for-newest"
  fetch_json "$1"
  jq -r '.versions | keys[]' "$(json_of "$1")" | first_fit "$2" ""
}

# check_integrity FILE SHA512-IN-BASE64 WHAT
check_integrity() {
  local wanted got
  [[ $2 == sha512-* ]] || refuse "$(registry_name) has no sum of $3" "choose another version"
  wanted=$(base64 -d <<<"${2#sha512-}" | od -An -tx1 | tr -d ' \n')
  got=$(sha512sum "$1" | cut -d' ' -f1)
  [[ $wanted == "$got" ]] || refuse "$3 arrived damaged (sha512 differs)" "push again"
}

# fetch_package PACKAGE VERSION INTEGRITY FILE
fetch_package() {
  must_fetch "$registry/$1/-/${1##*/}-$2.tgz" "$4" "$1 $2"
  check_integrity "$4" "$3" "$1 $2"
}

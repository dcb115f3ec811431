# Files from the Internet. `scratch` is a folder of this build.

host_of() { sed -E 's#^[a-z]+://([^/]*@)?([^/]+).*#\2#' <<<"$1"; }

# percent_decoded TEXT
percent_decoded() { printf '%b' "$(sed -E 's/\\/\\\\/g; s/%([0-9A-Fa-f]{2})/\\x\1/g' <<<"$1")"; }

# read_mirror URL: sets mirror_url, without the login, mirror_user and mirror_password; false where it is none.
read_mirror() {
  [[ $1 =~ ^(https?://)(([^:@/]*)(:([^@/]*))?@)?([^@/]+(/.*)?)$ ]] || return 1
  mirror_url=${BASH_REMATCH[1]}${BASH_REMATCH[6]}
  mirror_user=$(percent_decoded "${BASH_REMATCH[3]}") mirror_password=$(percent_decoded "${BASH_REMATCH[5]}")
}

# fetch URL FILE [SECONDS-TO-CONNECT [TIMES-AGAIN]]: what is asked for over https comes over it, wherever it is sent on to.
fetch() {
  local only=()
  if [[ $1 == https:* ]]; then only=(--proto-redir =https); fi
  curl -fsSL "${only[@]}" --retry "${4:-2}" --connect-timeout "${3:-10}" --max-time 300 -o "$2" "$1" 2>"$scratch/curl"
}

# The server answers that it cannot just now.
is_busy() { [[ $(tail -1 "$scratch/curl") =~ \ (408|429|50[0234])( |$) ]]; }

# fetch_or_elsewhere URL FILE: what can be had elsewhere, too. Once, because where a name leads nowhere curl would wait
# three seconds; again only where somebody is there, and busy.
fetch_or_elsewhere() {
  fetch "$1" "$2" 4 0 && return
  is_busy && fetch "$1" "$2" 4 3
}

# setting_of_mirror URL: which setting of the operator names the mirror that it lies on, if one does.
setting_of_mirror() {
  local name
  for name in WIDEMESH_{DEBIAN,GRADLE,MAVEN,NPM,PYPI}_MIRROR; do
    if [[ -n ${!name-} && $1 == "${!name%/}"/* ]]; then
      printf '%s' "$name"
      return
    fi
  done
}

# refuse_login URL-OF-MIRROR SETTING
refuse_login() {
  refuse "the operator's mirror $(host_of "$1") wants another name and password" \
    "let the operator correct $2, like https://name:password@mirror.example.com/..., the password percent-encoded"
}

# refuse_login_of URL-OF-MIRROR SETTING PATTERN LOG: where lines of that pattern speak of the mirror, or of no place at all;
# what others refuse the app has the login of.
refuse_login_of() {
  local lines
  [[ -n $1 ]] || return 0
  lines=$(grep -E "$3" "$4") || return 0
  if grep -E 'https?://' <<<"$lines" | grep -vF "//$(host_of "$1")/" >/dev/null; then return 0; fi
  refuse_login "$1" "$2"
}

wants_login() { [[ $(tail -1 "$scratch/curl") == *' 401'* ]]; }

cannot_fetch() {
  local why setting
  setting=$(setting_of_mirror "$1")
  if [[ -n $setting ]] && wants_login; then refuse_login "$1" "$setting"; fi
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

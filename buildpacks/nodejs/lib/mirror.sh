# Where the operator has a mirror of the npm registry, package managers get from it what no file of the app names another
# registry for. They are told in the home folder: it lasts as long as the build, and the app's own files go before it.

# `_auth` is for what lies below the mirror's address alone.
write_npmrc() {
  printf 'registry=%s/\n' "$mirror_url"
  if [[ -n $mirror_user ]]; then
    printf '%s/:_auth=%s\n' "${mirror_url#*:}" "$(printf '%s:%s' "$mirror_user" "$mirror_password" | base64 -w0)"
    if [[ $manager == yarn ]]; then printf 'always-auth=true\n'; fi
  fi
}

# For yarn from 2 on, in JSON, which is YAML, too.
write_yarnrc() {
  jq -n --arg url "$mirror_url" --arg at "${mirror_url#*:}" --arg login "$mirror_user:$mirror_password" '
    {npmRegistryServer: $url} + if $login == ":" then {} else
      {npmRegistries: {($at): {npmAlwaysAuth: true, npmAuthIdent: $login}}} end'
}

tell_manager_of_mirror() {
  read_mirror "${WIDEMESH_NPM_MIRROR-}" || return 0
  mirror_url=${mirror_url%/}
  write_npmrc >"$HOME/.npmrc"
  write_yarnrc >"$HOME/.yarnrc.yml"
}

say_mirror() {
  if [[ -n ${mirror_url-} ]]; then detail "from $(registry_name), but for what the app's own files name another registry for"; fi
}

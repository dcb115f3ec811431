# yarn 1.

# The words after a script are the script's.
runs() {
  local code=0
  if [[ $1 == install ]]; then point_to_mirror; fi
  yarn --non-interactive --no-progress "$@" || code=$?
  if [[ $1 == install ]]; then point_back; fi
  return "$code"
}

asks_the_mirror() {
  local registry
  registry=$(yarn config get registry)
  [[ -n ${mirror_url-} && ${registry%/} == "$mirror_url" ]]
}

# yarn.lock names files of the registry, and yarn 1 asks for them there, whatever registry it is told. What they must be is
# told by their sums. A registry that the app names itself gets no login of the operator's.
point_to_mirror() {
  if [[ -z $lock ]] || ! asks_the_mirror; then return 0; fi
  cp -p "$lock" "$scratch/$lock"
  sed -i -E "s#^(  resolved \"?)https://registry\.(yarnpkg\.com|npmjs\.org)/#\1$(in_sed "$mirror_url")/#" "$lock"
}

# And in what yarn notes of the lock: the image is the same as without a mirror.
point_back() {
  [[ -f $scratch/$lock ]] || return 0
  mv "$scratch/$lock" "$lock"
  if [[ -f node_modules/.yarn-integrity ]]; then
    sed -i "s#\"$(in_sed "$mirror_url")/#\"$(grep -m1 -oE 'https://registry\.(yarnpkg\.com|npmjs\.org)/' "$lock")#" node_modules/.yarn-integrity
  fi
}

in_sed() { sed 's/[#&\\.*[^$]/\\&/g' <<<"$1"; }

# It runs another program in its place where .yarnrc says so.
choose_version_of_manager() {
  choose_manager_version yarn 1 "$wanted_yarn"
  if [[ -f .yarnrc ]]; then yarn_path=$(sed -nE 's/^"?yarn-path"?[[:space:]]+"?([^"]+)"?[[:space:]]*$/\1/p' .yarnrc | tail -1); fi
}

unpack_manager() {
  unpack_package yarn
  check_sum "$scratch/manager.tgz"
  program yarn bin/yarn.js
  program yarnpkg bin/yarn.js
}

prepare_manager() { export YARN_CACHE_FOLDER=$layers/cache/yarn; }

frozen() {
  if [[ -n $lock ]]; then printf -- --frozen-lockfile; else printf -- --no-lockfile; fi
}

install_all() {
  [[ -n $lock ]] || detail "no lock file: commit yarn.lock, then every build gets the same versions"
  run_manager install "$(frozen)" --production=false
}

# It copies each file again that is not as it was packed, and removes those that were not there, but for what a dependency
# made in its own folder.
remove_development() {
  if development_stays; then return; fi
  run_manager install "$(frozen)" --production=true --ignore-scripts --prefer-offline
}

explain_manager() {
  local what
  if [[ -n $(found 'Your lockfile needs to be updated') ]]; then out_of_step; fi
  what=$(found "Couldn't find package \"[^\"]+\"|https://[^ ]+: Not found" | sed -E 's/^C.*"([^"]+)"$/\1/; s#^https://[^/]+/([^:]*):.*#\1#; s#%2[fF]#/#')
  if [[ -n $what ]]; then no_such_package "$what"; fi
  what=$(found "Couldn't find any versions for \"[^\"]+\" that matches \"[^\"]+\"" | sed -E 's/.*for "([^"]+)" that matches "([^"]+)"/\1@\2/')
  if [[ -n $what ]]; then no_such_version "$what"; fi
  what=$(found 'error [^ ]+: The engine "node" is incompatible' | sed -E 's/^error ([^ ]+):.*/\1/')
  if [[ -n $what ]]; then wrong_engine "$what"; fi
}

# pnpm. From 12 on it is a program of its own, which comes as another package beside.

runs() { pnpm "$@"; }

lock_format() { [[ -z $lock ]] || sed -nE "s/^lockfileVersion: *'?([0-9.]+)'?.*/\1/p" "$lock" | head -1; }

choose_version_of_manager() { choose_manager_version pnpm "$(lock_format)" "$wanted_pnpm"; }

unpack_manager() {
  local file integrity native=@pnpm/exe.linux-$arch
  unpack_package pnpm
  check_sum "$scratch/manager.tgz"
  for file in pnpm pnpx; do
    program "$file" "$(cd "$layers/manager/lib" && first_file "bin/$file.cjs" "bin/$file.mjs" "bin/$file.js")"
  done
  if jq -e --arg name "$native" '.optionalDependencies[$name]?' "$layers/manager/lib/package.json" >"$scratch/native"; then
    integrity=$(integrity_of "$native" "$manager_version")
    fetch_package "$native" "$manager_version" "$integrity" "$scratch/native.tgz"
    tar -xzf "$scratch/native.tgz" -C "$layers/manager/lib" --strip-components 1 --no-same-owner package/pnpm
    for file in pnpm pnpx; do program "$file" pnpm; done
  fi
  # What is installed is what the lock file says: nothing to look after at each start.
  launch_setting npm_config_verify_deps_before_run false
  launch_setting pnpm_config_verify_deps_before_run false
}

# Its store would keep what scripts made at installation, of whatever files of the app they read then.
prepare_manager() {
  export npm_config_side_effects_cache=false pnpm_config_side_effects_cache=false
  export npm_config_verify_deps_before_run=false pnpm_config_verify_deps_before_run=false
  export npm_config_update_notifier=false pnpm_config_update_notifier=false
  export npm_config_store_dir=$layers/cache/pnpm/store pnpm_config_store_dir=$layers/cache/pnpm/store
  export XDG_CACHE_HOME=$layers/cache/pnpm XDG_STATE_HOME=$layers/cache/pnpm
}

frozen() {
  if [[ -n $lock ]]; then printf -- --frozen-lockfile; else printf -- --no-lockfile; fi
}

install_all() {
  [[ -n $lock ]] || detail "no lock file: commit pnpm-lock.yaml, then every build gets the same versions"
  run_manager install "$(frozen)" --prod=false --reporter=append-only
}

# It cannot prune a workspace. Installing anew would lose what scripts made in it.
remove_development() {
  if $stays_in_app; then
    detail "The development dependencies stay: pnpm cannot remove them in a workspace"
  elif $links_into_app; then
    remove_modules
    run_manager install "$(frozen)" --prod --offline --ignore-scripts --reporter=append-only
  else
    # As an option it is there from 8.15.6 on alone.
    npm_config_ignore_scripts=true pnpm_config_ignore_scripts=true run_manager prune --prod
  fi
}

# Notes of when this was done: two builds of one commit would differ.
tidy_modules() { rm -f node_modules/.modules.yaml node_modules/.pnpm-workspace-state*.json; }

explain_manager() {
  local code what
  code=$(found 'ERR_PNPM_[A-Z0-9_]+')
  case $code in
    ERR_PNPM_OUTDATED_LOCKFILE | ERR_PNPM_LOCKFILE_CONFIG_MISMATCH | ERR_PNPM_FROZEN_LOCKFILE_WITH_OUTDATED_LOCKFILE) out_of_step ;;
    ERR_PNPM_FETCH_404)
      what=$(found 'GET https?://[^ ]+: Not Found' | sed -E 's#GET https?://[^/]+/([^:]*):.*#\1#; s#%2[fF]#/#')
      no_such_package "${what:-(see above)}"
      ;;
    ERR_PNPM_NO_MATCHING_VERSION)
      what=$(found 'No matching version found for [^ ]+' | awk '{ print $NF }')
      no_such_version "$what"
      ;;
    ERR_PNPM_UNSUPPORTED_ENGINE) wrong_engine "the app or a dependency" ;;
    ERR_PNPM_IGNORED_BUILDS)
      refuse "pnpm does not run the installation scripts of some dependencies unless allowed to (see above)" \
        "pnpm approve-builds, then commit what it wrote and push again"
      ;;
    ERR_PNPM_LOCKFILE_BREAKING_CHANGE)
      refuse "pnpm $manager_version does not read this pnpm-lock.yaml" \
        'name the pnpm that wrote it in package.json, e.g. "packageManager": "pnpm@9.15.9"'
      ;;
  esac
}

# What the app imports lies in the layer `modules`, or, where package.json or deno.json ask for a folder
# node_modules, in a layer of that name; what Deno notes besides stays in the layer `cache`.

modules_key() {
  {
    printf '%s\n' "$deno"
    cat deno.json deno.jsonc deno.lock package.json .npmrc 2>/dev/null || true
  } | sha256sum | cut -c1-16
}

install_modules() {
  local frozen=()
  if [[ -f deno.lock ]]; then frozen=(--frozen); fi
  run_deno install "${frozen[@]}"
  if [[ -n $entry ]]; then run_deno install "${frozen[@]}" --allow-import --entrypoint "$entry"; fi
}

# Without what changes from day to day: what the registry has, and databases of what was read.
keep_modules() {
  local folder
  rm -rf "${layers:?}/modules"
  mkdir -p "$layers/modules"
  for folder in npm remote deps; do
    if [[ -d $layers/cache/$folder ]]; then cp -a "$layers/cache/$folder" "$layers/modules/"; fi
  done
  find "$layers/modules" -name registry.json -delete
  printf '[types]\nlaunch = true\n' >"$layers/modules.toml"
}

# A folder node_modules of the build before is linked to, and looked at again by Deno.
keep_node_modules() {
  if [[ -d node_modules && ! -L node_modules ]]; then
    rm -rf "$layers/node-modules"
    mv node_modules "$layers/node-modules"
    ln -s "$layers/node-modules" node_modules
  fi
  [[ -L node_modules ]] || return 0
  layer_toml node-modules false true "$1"$'\n'"$in_place"
}

provide_modules() {
  local is
  if [[ -e node_modules ]]; then
    detail "node_modules is in the repository: left out, installed afresh (git rm -r --cached node_modules)"
    rm -rf node_modules
  fi
  [[ -f deno.lock ]] || detail "no lock file: commit deno.lock, then every build gets the same versions"
  is="key = \"$(modules_key)\""
  export DENO_DIR=$layers/cache
  if was_made_for cache "$is"; then
    step "Dependencies unchanged (reused)"
    own_files cache
    if was_made_for node-modules "$is"; then
      own_files node-modules
      ln -s "$layers/node-modules" node_modules
    fi
  else
    step "Installing the dependencies"
    rm -rf "${layers:?}/cache"
    mkdir -p "$layers/cache"
  fi
  install_modules
  layer_toml cache false false "$is"$'\n'"$in_place"
  keep_modules
  keep_node_modules "$is"
}

run_build_task() {
  [[ -n $build_task ]] || return 0
  step "deno task build"
  run_deno task build
}

# The dependencies. `modules` holds what the app runs with, `build-modules` what its build script
# needs beside; both are linked to as node_modules, so that a change of the app's own files moves
# none of them.

lock_file() {
  local file
  for file in npm-shrinkwrap.json package-lock.json; do
    if [[ -f $file ]]; then
      printf '%s' "$file"
      return
    fi
  done
}

# All that the installed dependencies depend on. Scripts that run at installation may read any file.
modules_key() {
  {
    printf '%s %s %s\n' "$node_version" "$npm_version" "$arch"
    printf '%s\n' "$dependencies"
    cat .npmrc "$(lock_file)" 2>/dev/null || true
    if $runs_at_install; then
      find . -path ./node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    fi
  } | sha256sum | cut -d' ' -f1
}

run_npm() {
  local code=0
  npm "$@" --no-audit --no-fund --no-progress --color=false 2>&1 | tee "$scratch/npm.log" | indented || code=$?
  ((code == 0)) || explain_npm "$*" "$code"
}

install_all() {
  local lock
  lock=$(lock_file)
  if [[ -n $lock ]]; then
    detail "npm ci ($lock)"
    run_npm ci --include=dev
  else
    detail "npm install (no lock file: commit package-lock.json, then every build gets the same versions)"
    run_npm install --include=dev --no-package-lock
  fi
}

prune() {
  if $has_development; then
    detail "Removing the development dependencies"
    run_npm prune --omit=dev --ignore-scripts --no-save ${1:+"$1"}
  fi
}

keep_as() {
  rm -rf "${layers:?}/$1"
  mkdir -p "$layers/$1"
  cp -a node_modules "$layers/$1/node_modules"
}

install_modules() {
  rm -rf node_modules
  install_all
  mkdir -p node_modules
  if $has_build; then keep_as build-modules; fi
  prune "$([[ -n $(lock_file) ]] || printf -- --no-package-lock)"
  keep_as modules
  rm -rf node_modules
}

provide_modules() {
  local is fresh=true
  is="key = \"$(modules_key)\""
  if grep -qxF "$is" "$layers/modules.toml" 2>/dev/null && [[ -d $layers/modules/node_modules ]] &&
    { ! $has_build || [[ -d $layers/build-modules/node_modules ]]; }; then
    fresh=false
  fi
  if $fresh; then
    step "Installing the dependencies"
    install_modules
  else
    step "Dependencies unchanged (reused)"
  fi
  layer_toml modules false true "$is"
  if $has_build; then
    layer_toml build-modules false false "$is"
    link_modules build-modules
    run_build
  fi
  link_modules modules
}

link_modules() {
  rm -rf node_modules
  ln -s "$layers/$1/node_modules" node_modules
}

run_build() {
  step "npm run build"
  run_npm run build
}

# With workspaces or dependencies on folders of the app: everything stays in the app's folder.
modules_in_place() {
  step "Installing the dependencies (into the app: some are folders of it)"
  rm -rf node_modules
  install_all
  if $has_build; then run_build; fi
  prune "$([[ -n $(lock_file) ]] || printf -- --no-package-lock)"
}

provide_dependencies() {
  $has_package || return 0
  if [[ -e node_modules ]]; then
    detail "node_modules is in the repository: left out, installed afresh (git rm -r --cached node_modules)"
    rm -rf node_modules
  fi
  local other
  for other in yarn.lock pnpm-lock.yaml bun.lock; do
    if [[ -f $other && -z $(lock_file) ]]; then
      detail "$other is not read yet: installing with npm from package.json"
    fi
  done
  mkdir -p "$layers/npm-cache"
  printf '[types]\ncache = true\n' >"$layers/npm-cache.toml"
  export npm_config_cache=$layers/npm-cache npm_config_logs_max=0 npm_config_update_notifier=false CI=true
  unset NODE_ENV
  # Links into the app itself would dangle in a layer.
  if $links_into_app; then modules_in_place; else provide_modules; fi
}

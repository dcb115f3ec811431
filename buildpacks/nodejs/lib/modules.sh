# The dependencies. `modules` holds what the app runs with, `build-modules` what its build script
# needs beside; both are linked to as node_modules, so that a change of the app's own files moves
# none of them. Workspaces may have folders node_modules of their own.

manifests() { find . \( -name .git -o -name node_modules \) -prune -o -name package.json -type f -print0 | LC_ALL=C sort -z; }

# All that the installed dependencies depend on. Scripts that run at installation may read any file.
modules_key() {
  {
    printf '%s %s %s %s\n' "$node_version" "$manager" "${manager_version:-$npm_version}" "$arch"
    printf '%s\n' "$dependencies"
    declare -f install_all remove_development tidy_modules
    cat .npmrc .yarnrc .yarnrc.yml .pnpmfile.cjs pnpm-workspace.yaml bunfig.toml ${lock:+"$lock"} 2>/dev/null || true
    find . -path ./node_modules -prune -o -name '*.patch' -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
    if $links_into_app; then
      declare -f point_into_app
      manifests | xargs -0 sha256sum
    fi
    if $runs_at_install; then
      find . -path ./node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    fi
  } | sha256sum | cut -d' ' -f1
}

# run_manager ARGUMENTS...: what it says is shown, and explained should it fail.
run_manager() {
  local code=0
  if [[ $1 != run ]]; then detail "$manager $*"; fi
  runs "$@" </dev/null 2>&1 | tee "$scratch/manager.log" | indented || code=$?
  ((code == 0)) || explain "$code" "$@"
}

# For managers that leave nothing to tidy up.
tidy_modules() { :; }

installs_development() {
  $has_development && return
  $links_into_app && manifests | xargs -0 jq -n '[inputs | objects | .devDependencies? // {} | length > 0] | any' | grep -q true
}

prune() {
  if installs_development; then
    detail "Removing the development dependencies"
    remove_development
  fi
  tidy_modules
}

all_module_folders() { find . -name .git -prune -o -name node_modules -prune -printf '%P\n' | LC_ALL=C sort; }

# Those that the manager makes. What lies in the repository below is the app's, test data perhaps.
module_folders() {
  if $links_into_app; then
    all_module_folders | grep -vxFf "$scratch/repository-has" || true
  else
    printf 'node_modules\n'
  fi
}

remove_modules() {
  local folder
  module_folders | while IFS= read -r folder; do rm -rf "$folder"; done
}

keep_as() {
  local folder
  rm -rf "${layers:?}/$1"
  mkdir -p "$layers/$1"
  while IFS= read -r folder; do
    mkdir -p "$layers/$1/$(dirname "$folder")"
    cp -a "$folder" "$layers/$1/$folder"
  done < <(module_folders)
  if $links_into_app; then point_into_app "$layers/$1"; fi
}

# The managers' links to folders of the app lead nowhere from a layer.
point_into_app() {
  local link target
  find "$1" -type l >"$scratch/links"
  xargs -r -d '\n' realpath -m -- <"$scratch/links" | paste "$scratch/links" - | while IFS=$'\t' read -r link target; do
    target=${target#"$1/"}
    if [[ $target != /* && /$target/ != */node_modules/* && -e $target ]]; then ln -sfn "$PWD/$target" "$link"; fi
  done
}

install_modules() {
  remove_modules
  say_mirror
  install_all
  mkdir -p node_modules
  if [[ -n $build ]]; then keep_as build-modules; fi
  if ! $site; then
    prune
    keep_as modules
  fi
  remove_modules
}

has_modules() { [[ -d $layers/$1/node_modules ]] && was_made_for "$1" "$2"; }

has_all_modules() {
  { $site || has_modules modules "$1"; } && { [[ -z $build ]] || has_modules build-modules "$1"; }
}

provide_modules() {
  local is
  is="key = \"$(modules_key)\""
  if has_all_modules "$is"; then
    step "Dependencies unchanged (reused)"
  else
    step "Installing the dependencies"
    install_modules
  fi
  if ! $site; then layer_toml modules false true "$is"; fi
  if [[ -n $build ]]; then
    layer_toml build-modules false false "$is"
    if $has_next; then copy_modules build-modules; else link_modules build-modules; fi
    run_build
  fi
  if ! $site; then link_modules modules; fi
}

# Next.js takes no link that leads out of the app.
copy_modules() { place_modules "$1" cp -a; }

link_modules() { place_modules "$1" ln -s; }

# place_modules LAYER COMMAND...
place_modules() {
  local folder
  remove_modules
  find "$layers/$1" -name node_modules -prune -printf '%P\n' | while IFS= read -r folder; do
    "${@:2}" "$layers/$1/$folder" "$folder"
  done
}

# NODE_ENV is production here, as it will be in the app; not before, or npm would leave out what the script needs.
run_build() {
  step "$manager run $build"
  if $has_next; then take_next_cache; fi
  NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 run_manager run "$build"
  if $has_next; then keep_next_cache; fi
}

# What Next.js keeps from build to build is nothing to run.
take_next_cache() {
  rm -rf .next/cache
  if [[ -d $layers/next/cache ]]; then
    mkdir -p .next
    cp -a "$layers/next/cache" .next/cache
  fi
}

keep_next_cache() {
  rm -rf "$layers/next"
  [[ -d .next/cache ]] || return 0
  mkdir -p "$layers/next"
  cp -a .next/cache "$layers/next/cache"
  rm -rf .next/cache
  printf '[types]\ncache = true\n' >"$layers/next.toml"
}

# Where any file of the app may count: everything is installed anew, and stays in the app's folder.
modules_in_place() {
  step "Installing the dependencies (into the app: $1)"
  remove_modules
  say_mirror
  install_all
  if [[ -n $build ]]; then run_build; fi
  prune
}

# What was fetched is kept from build to build, for the manager that is used now.
provide_cache() {
  mkdir -p "$layers/cache/$manager"
  find "$layers/cache" -mindepth 1 -maxdepth 1 ! -name "$manager" -exec rm -rf {} +
  printf '[types]\ncache = true\n' >"$layers/cache.toml"
}

provide_dependencies() {
  $has_package || return 0
  if [[ -e node_modules ]]; then
    detail "node_modules is in the repository: left out, installed afresh (git rm -r --cached node_modules)"
    rm -rf node_modules
  fi
  provide_cache
  prepare_manager
  tell_manager_of_mirror
  export CI=true NO_COLOR=1
  unset NODE_ENV
  if $links_into_app; then
    all_module_folders >"$scratch/repository-has"
    if $runs_at_install || workspaces_run_at_install; then
      modules_in_place "its scripts run at installation"
      return
    elif copies_the_app; then
      modules_in_place "some are copies of its folders"
      return
    fi
  fi
  provide_modules
}

workspaces_run_at_install() {
  [[ -z $(find . \( -name .git -o -name node_modules \) -prune -o -name binding.gyp -print -quit) ]] || return 0
  manifests | xargs -0 jq -n "$install_scripts"' [inputs | runs_at_install] | any' | grep -q true
}

# npm links to folders; the others copy what is no workspace of theirs, and all copy archives.
copies_the_app() {
  local copied='^(file|portal|exec):|^[.~/]'
  if [[ $manager == npm ]]; then copied='^(file:|[.~/]).*[.](tgz|tar|tar[.]gz)$'; fi
  if grep -qsE '^(install-links|inject-workspace-packages|injectWorkspacePackages)' .npmrc .yarnrc.yml pnpm-workspace.yaml; then return; fi
  manifests | xargs -0 jq -n --arg copied "$copied" '[inputs | objects
    | ([.dependencies?, .devDependencies?, .optionalDependencies? | objects | .[] | strings | test($copied)] | any)
      or ([.dependenciesMeta? | objects | .[] | objects | has("injected")] | any)] | any' | grep -q true
}

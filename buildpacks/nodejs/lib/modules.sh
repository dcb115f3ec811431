# The dependencies. `modules` holds what the app runs with, linked to as node_modules, so that a change
# of the app's own files moves none of them; the build script runs on a copy of `build-modules`, which
# are those for development as well. Workspaces may have folders node_modules of their own. Where a file of the app could
# count for what is installed there, it all lies in the app instead.

stays_in_app=false

manifests() { find . \( -name .git -o -name node_modules \) -prune -o -name package.json -type f -print0 | LC_ALL=C sort -z; }

# run_manager ARGUMENTS...: what it says is shown, and explained should it fail.
run_manager() {
  local code=0
  if [[ $1 != run ]]; then detail "$manager $*"; fi
  runs_as_asked "$@" </dev/null 2>&1 | tee "$scratch/manager.log" | indented || code=$?
  ((code == 0)) || explain "$code" "$@"
}

# Managers ask nobody where CI is set. To build scripts it may mean that a warning is an error, as to react-scripts.
runs_as_asked() {
  if [[ $1 == run ]]; then NODE_OPTIONS=$(options_with_heap) runs "$@"; else CI=true runs "$@"; fi
}

# For managers that leave nothing to tidy up.
tidy_modules() { :; }

# For managers none of whose files scripts name.
stand_in() { :; }

# In place those of the top alone decide: removing may take along what scripts made.
installs_development() {
  local found
  if $has_development; then return; fi
  if $stays_in_app || ! $links_into_app; then return 1; fi
  found=$(manifests | xargs -0 jq -n '[inputs | objects | .devDependencies? // {} | length > 0] | any') || return 0
  [[ $found == *true* ]]
}

prune() {
  if installs_development; then
    detail "Removing the development dependencies"
    remove_development
  fi
  tidy_modules
}

# For managers that remove them only with all that scripts of the app made there.
development_stays() {
  own_scripts_ran || return 1
  detail "The development dependencies stay: $manager removes them only with all that scripts of the app made there"
}

own_scripts_ran() { $runs_at_install || { $stays_in_app && { [[ -n $build ]] || workspace_scripts_ran; }; }; }

workspace_scripts_ran() {
  local found
  found=$(manifests | xargs -0 jq -n "$install_scripts"'[inputs | objects | runs_at_install] | any' 2>/dev/null) || return 0
  [[ $found == *true* ]]
}

all_module_folders() { find . -name .git -prune -o -name node_modules -prune -printf '%P\n' | LC_ALL=C sort; }

# What the manager made. What lies in the repository below is the app's, test data perhaps, and so
# is what a build script makes afterwards.
note_modules() {
  if $links_into_app; then
    all_module_folders | grep -vxFf "$scratch/repository-has" >"$scratch/modules" || true
  else
    printf 'node_modules\n' >"$scratch/modules"
  fi
}

remove_modules() {
  local folder
  while IFS= read -r folder; do remove "$folder"; done <"$scratch/modules"
}

# remove FOLDER: also one with folders that may not be written to, or in which some program still writes.
remove() {
  if rm -rf "${1:?}" 2>/dev/null; then return; fi
  find "$1" -type d ! -perm -700 -exec chmod u+rwx {} \; 2>/dev/null || true
  rm -rf "$1"
}

keep_as() {
  local folder
  remove "$layers/$1"
  mkdir -p "$layers/$1"
  while IFS= read -r folder; do
    mkdir -p "$layers/$1/$(dirname "$folder")"
    cp -a "$folder" "$layers/$1/$folder"
  done <"$scratch/modules"
  if $links_into_app; then point_into_app "$layers/$1"; fi
}

# The managers' links to folders of the app lead nowhere from a layer. All are followed before the
# first is changed: some lead through others.
point_into_app() {
  local link target
  find "$1" -type l >"$scratch/links"
  xargs -r -d '\n' realpath -m -- <"$scratch/links" >"$scratch/targets"
  paste "$scratch/links" "$scratch/targets" | while IFS=$'\t' read -r link target; do
    target=${target#"$1/"}
    if [[ $target != /* && /$target/ != */node_modules/* && -e $target ]]; then ln -sfn "$PWD/$target" "$link"; fi
  done
}

install_noted() {
  remove_modules
  say_mirror
  install_all
  mkdir -p node_modules
  note_modules
}

keep_production() {
  prune
  note_modules
  remove "$layers/production-modules"
  rm -f "$layers/production-modules.toml"
  keep_as modules
}

install_modules() {
  new_notes
  watch_app
  install_noted
  note_reads
  if [[ -n $build ]]; then keep_as build-modules; fi
  if ! $site; then keep_production; fi
  remove_modules
  note_counted
}

has_modules() { [[ -d $layers/$1/node_modules ]] && was_made_for "$1" "$2"; }

has_all_modules() {
  { $site || has_modules "$(production)" "$1"; } && { [[ -z $build ]] || has_modules build-modules "$1"; }
}

provide_modules() {
  local is why
  is="key = \"$(modules_key)\""
  why=$(why_install "$is")
  if [[ -z $why ]]; then
    say_reused
  else
    step "Installing the dependencies"
    detail "$why"
    install_modules
  fi
  keep_notes
  if [[ -n $build ]]; then
    layer_toml build-modules false false "$is"
    run_build_on_copy
  elif ! $site; then
    modules_as_installed
  fi
  if ! $site; then place_modules modules ln -sT; fi
}

# place_modules LAYER COMMAND...
place_modules() {
  local folder
  remove_modules
  find "$layers/$1" -name node_modules -prune -printf '%P\n' >"$scratch/modules"
  while IFS= read -r folder; do
    "${@:2}" "$layers/$1/$folder" "$folder"
  done <"$scratch/modules"
}

# NODE_ENV is production here, as it will be in the app; not before, or npm would leave out what the script needs.
run_build() {
  step "$manager run $build"
  stand_in
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
  remove "$layers/next"
  [[ -d .next/cache ]] || return 0
  # Whoever still writes to it by its path does not from here on.
  mv .next/cache .next/kept
  mkdir -p "$layers/next"
  if cp -a .next/kept "$layers/next/cache" 2>/dev/null; then
    printf '[types]\ncache = true\n' >"$layers/next.toml"
  else
    remove "$layers/next"
    detail "The cache of Next.js is not kept: it is still written to, or cannot be read"
  fi
  remove .next/kept
}

# Everything is installed anew, and stays in the app's folder.
modules_in_place() {
  step "Installing the dependencies (into the app: $1)"
  stays_in_app=true
  install_noted
  if [[ -n $build ]]; then run_build; fi
  prune
}

# With workspaces, or links to folders of the app: in a layer where no file of the app can count.
provide_linked_modules() {
  local why is
  all_module_folders >"$scratch/repository-has"
  why=$(why_in_place)
  if [[ -n $why ]]; then
    modules_in_place "$why"
    return
  fi
  is="key = \"$(modules_key)\""
  why=$(why_install "$is")
  if [[ -z $why ]]; then
    say_reused
  else
    step "Installing the dependencies"
    detail "$why"
    install_noted
    if dependencies_run_at_install; then
      detail "They stay in the app: scripts of theirs, which may read any file, run at installation"
      stays_in_app=true
      prune
      return
    fi
    keep_production
    new_notes
    note_counted
  fi
  keep_notes
  layer_toml modules false true "$is"
  place_modules modules ln -sT
}

# What was fetched is kept from build to build, for the manager that is used now.
provide_cache() {
  mkdir -p "$layers/cache/$manager"
  find "$layers/cache" -mindepth 1 -maxdepth 1 ! -name "$manager" -exec rm -rf {} +
  printf '[types]\ncache = true\n' >"$layers/cache.toml"
}

provide_dependencies() {
  $has_package || return 0
  if [[ -e node_modules || -L node_modules ]]; then
    detail "node_modules is in the repository: left out, installed afresh (git rm -r --cached node_modules)"
    rm -rf node_modules
  fi
  provide_cache
  prepare_manager
  tell_manager_of_mirror
  export NO_COLOR=1
  unset NODE_ENV
  printf 'node_modules\n' >"$scratch/modules"
  if $links_into_app; then provide_linked_modules; else provide_modules; fi
  stand_in
}

# why_in_place: in words, or nothing.
why_in_place() {
  local said
  if [[ -n $build ]]; then
    printf 'its build script may write into them'
  elif $runs_at_install || in_app -name binding.gyp; then
    printf 'its scripts run at installation'
  elif [[ $manager == pnpm ]] && in_app -name '.pnpmfile.*js'; then
    printf 'its .pnpmfile may read any file'
  elif [[ $manager == pnpm ]] && in_app '(' -name package.json5 -o -name package.yaml ')'; then
    printf 'a package.json5 or package.yaml of it is not understood'
  elif workspace_has_modules; then
    printf 'a workspace has node_modules in the repository'
  elif grep -qsE '^(install-links|inject-workspace-packages|injectWorkspacePackages)|(file|portal|exec):' .npmrc .yarnrc.yml pnpm-workspace.yaml; then
    printf 'some are copies of its folders'
  elif said=$(manifests | xargs -0 jq -nr --arg copied "$(copied_by_manager)" "$install_scripts$named_dependencies$manifests_say" 2>/dev/null); then
    printf '%s' "${said%%$'\n'*}"
  else
    printf 'a package.json of it cannot be read'
  fi
}

in_app() { [[ -n $(find . \( -name .git -o -name node_modules \) -prune -o \( "$@" \) -print -quit) ]]; }

workspace_has_modules() {
  local folder
  while IFS= read -r folder; do
    if [[ -f ${folder%node_modules}package.json ]]; then return; fi
  done <"$scratch/repository-has"
  return 1
}

# npm links to folders; the others copy what is no workspace of theirs, and all copy archives.
copied_by_manager() {
  if [[ $manager == npm ]]; then
    printf '^(file:)?[^:]*[.](tgz|tar|tar[.]gz)$'
  else
    printf '^(file|portal|exec):|%s' "$in_app_specification"
  fi
}

# Managers make programs of workspaces executable, in the app's own folder.
manifests_say='
  def copies: named_dependencies | any(test($copied));
  def injects: [.dependenciesMeta? | objects | .[] | objects | has("injected")] | any;
  [inputs | objects
    | if runs_at_install then "its scripts run at installation"
      elif copies or injects then "some are copies of its folders"
      elif .bin? // .directories?.bin? then "programs of its workspaces are made executable"
      else empty end]
  | first // empty'

# One may look for files of the app, as that of @prisma/client does for a schema.
dependencies_run_at_install() {
  local folder
  while IFS= read -r folder; do
    if grep -rqsE --include=package.json '"(preinstall|install|postinstall)"[[:space:]]*:' "$folder"; then return; fi
    if [[ -n $(find "$folder" -name binding.gyp -print -quit) ]]; then return; fi
  done <"$scratch/modules"
  return 1
}

# yarn from 2 on. Everything is laid out as node_modules, which any program finds its way in, whatever nodeLinker says.

runs() { yarn "$@"; }

yarn_setting() { [[ ! -f .yarnrc.yml ]] || sed -nE "s/^$1: *[\"']?([^\"'# ]+).*/\1/p" .yarnrc.yml | head -1; }

lock_format() { [[ -z $lock ]] || sed -nE 's/^  version: ([0-9]+)$/\1/p' "$lock" | head -1; }

# The yarn that is part of the repository, else a fetched one. The first says what it is where no setting of the app is wrong.
choose_version_of_manager() {
  [[ -n $lock ]] || refuse "there is no yarn.lock" "yarn install && git add yarn.lock && git commit --amend --no-edit, then push again"
  yarn_path=$(yarn_setting yarnPath)
  if [[ -z $yarn_path ]]; then
    choose_manager_version @yarnpkg/cli-dist "$(lock_format)" "$wanted_yarn"
  elif [[ ! -f $yarn_path ]]; then
    refuse "yarnPath in .yarnrc.yml names $yarn_path, which is not in the repository" "git add -f $yarn_path && git commit --amend --no-edit, then push again"
  else
    manager_version=$(cd "$scratch" && YARN_IGNORE_PATH=1 node "$OLDPWD/$yarn_path" --version) version_by="$yarn_path, yarnPath in .yarnrc.yml"
  fi
}

# Corepack's sum is that of the program, not of the package.
unpack_manager() {
  if [[ -n $yarn_path ]]; then
    printf '#!/bin/sh\nexec node "%s" "$@"\n' "$PWD/$yarn_path" >"$layers/manager/bin/yarn"
    chmod +x "$layers/manager/bin/yarn"
  else
    unpack_package @yarnpkg/cli-dist
    check_sum "$layers/manager/lib/bin/yarn.js"
    program yarn bin/yarn.js
  fi
  launch_setting YARN_NODE_LINKER node-modules
  launch_setting YARN_ENABLE_TELEMETRY 0
}

prepare_manager() {
  export YARN_NODE_LINKER=node-modules YARN_ENABLE_TELEMETRY=0 YARN_ENABLE_PROGRESS_BARS=false YARN_ENABLE_COLORS=false
  export YARN_ENABLE_HYPERLINKS=false YARN_GLOBAL_FOLDER=$layers/cache/yarn YARN_INSTALL_STATE_PATH=$scratch/install-state.gz
  if [[ ! -d .yarn/cache ]]; then export YARN_ENABLE_GLOBAL_CACHE=true; fi
  remove_plug_and_play
  case $(yarn_setting nodeLinker) in
    node-modules) ;;
    *) detail "The dependencies are laid out as node_modules, not for Plug'n'Play, from the same yarn.lock" ;;
  esac
}

# yarn does so where it lays out node_modules. Before it: it is no script of a dependency that changed the app.
remove_plug_and_play() {
  local file
  for file in .pnp.cjs .pnp.loader.mjs .pnp.data.json; do
    if [[ -f $file ]]; then
      detail "$file of the repository is removed: it is for Plug'n'Play"
      rm "$file"
    fi
  done
}

# Programs may be started with them, which then do nothing. Not without need: bundlers read them.
stand_in() {
  local file
  for file in .pnp.cjs .pnp.loader.mjs; do
    if [[ ! -e $file ]] && grep -qsE "(^|[^a-z-])(-r|--(require|import|loader|experimental-loader))[= ]+[^ ]*${file//./[.]}" package.json Procfile; then
      detail "An empty $file is there, for what is started with it: the dependencies are in node_modules"
      : >"$file"
    fi
  done
}

install_all() { run_manager install --immutable; }

remove_development() {
  if [[ $manager_version == [23].* ]] && ! grep -q workspace-tools .yarnrc.yml 2>/dev/null; then
    detail "The development dependencies stay: yarn $manager_version removes them only with its plugin workspace-tools"
  else
    focus_on_production
  fi
}

# It would run the app's own scripts again, without what they need; those of dependencies have to run where it puts them
# elsewhere.
focus_on_production() {
  local own file
  mapfile -t own < <(own_with_scripts)
  mkdir -p "$scratch/own"
  for file in "${own[@]}"; do
    cp -p --parents "$file" "$scratch/own"
    jq 'del(.scripts | objects | .preinstall, .install, .postinstall)' "$scratch/own/$file" >"$file"
  done
  run_manager workspaces focus --all --production
  for file in "${own[@]}"; do cp -p "$scratch/own/$file" "$file"; done
}

own_with_scripts() {
  runs workspaces list --json 2>/dev/null | jq -r '.location + "/package.json"' |
    xargs -r -d '\n' grep -lE '"(preinstall|install|postinstall)"[[:space:]]*:' --
}

# It would speak of what was removed; without it yarn looks into yarn.lock.
tidy_modules() { rm -f "$YARN_INSTALL_STATE_PATH"; }

explain_manager() {
  local what
  if [[ -n $(found 'The lockfile would have been (modified|created)') ]]; then out_of_step; fi
  what=$(found '[^ ]+: Package not found' | sed -E 's/@npm:.*//')
  if [[ -n $what ]]; then no_such_package "$what"; fi
  what=$(found '[^ ]+: No candidates found' | sed -E 's/@npm:/@/; s/: No.*//')
  if [[ -n $what ]]; then no_such_version "$what"; fi
}

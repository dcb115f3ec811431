# The web process, unless a Procfile names the processes.

# For words without quotes and backslashes, as all of ours are.
as_toml() {
  local words
  printf -v words '"%s", ' "$@"
  printf '[%s]' "${words%, }"
}

entry_file() {
  local file
  for file in "$1" "$1.js" "$1/index.js"; do
    if [[ -n $1 && -f $file && $file =~ ^[A-Za-z0-9_./@+-]+$ ]]; then
      printf '%s' "$file"
      return
    fi
  done
}

# `node server.js` is run directly: signals arrive, and npm costs neither time nor memory.
plain_program='^(node|bun)( +[A-Za-z0-9_./:=@-]+)+$'

# What Bun installed, Bun runs; TypeScript too.
start_file() {
  local file
  for file in server.js index.js; do
    if [[ -f $file ]]; then
      command=(node "$file") because=$file
      if [[ $manager == bun ]]; then command=(bun "$file"); fi
      return
    fi
  done
  [[ $manager == bun ]] || return 1
  for file in server.ts index.ts index.tsx src/server.ts src/index.ts src/index.tsx; do
    if [[ -f $file ]]; then
      command=(bun "$file") because=$file
      return
    fi
  done
  return 1
}

start_command() {
  if [[ $start =~ $plain_program && ($manager == bun || ${BASH_REMATCH[1]} == node) ]] && ! $around_start; then
    read -ra words <<<"$start"
    command=("${words[@]}") because='the start script of package.json'
  elif [[ -n $start ]]; then
    command=("$manager" start) because='the start script of package.json'
  elif $has_next; then
    command=(/bin/bash -c "exec next start -p \${PORT:-8080}") because='Next.js, without a start script'
  elif [[ -n $(entry_file "$main") ]]; then
    command=(node "$(entry_file "$main")") because='"main" in package.json'
    if [[ $manager == bun ]]; then command[0]=bun; fi
  else
    start_file
  fi
}

# What an app of another kind needs of Node.js, a buildpack after this one starts.
declare_process() {
  if start_command; then
    [[ -f Procfile ]] || detail "Start: ${command[*]} ($because; a Procfile overrides it)"
    printf '[[processes]]\ntype = "web"\ncommand = %s\ndefault = true\n' "$(as_toml "${command[@]}")" >"$layers/launch.toml"
    if [[ ${command[0]} == bun && ! -f Procfile ]]; then leave_node_out; fi
  elif [[ -z $(marked_by Procfile composer.json Gemfile pom.xml) ]]; then
    refuse "nothing says how this app starts" \
      'add "start" to the scripts of package.json, a server.js, or a Procfile with "web: <command>"'
  fi
}

# Scripts may read any file; without them only these decide on what is installed and how the app starts, and what those
# of dependencies did read.
declare_reads() {
  local read=()
  if [[ -e $scratch/asked-for-newest ]]; then return 0; fi
  if $site || $links_into_app || $has_next || [[ -n $build || -n $(why_anew) ]]; then return 0; fi
  if [[ -n $yarn_path && $yarn_path != .yarn/* ]]; then return 0; fi
  if [[ -s $layers/installed/read ]]; then
    if grep -q '[][*?"{}\]' "$layers/installed/read" || (($(wc -l <"$layers/installed/read") > 200)); then return 0; fi
    mapfile -t read < <(sed 's#^#/#' "$layers/installed/read")
  fi
  reads package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb \
    .npmrc .yarnrc .yarnrc.yml .yarnclean .yarn '.pnp.*' '.pnpmfile.*' pnpm-workspace.yaml bunfig.toml '*.patch' '*.diff' patches '*.tgz' \
    .nvmrc .node-version Procfile Staticfile "${read[@]}"
}

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
plain_node='^node( +[A-Za-z0-9_./:=@-]+)+$'

start_command() {
  if [[ $start =~ $plain_node ]] && ! $around_start; then
    read -ra words <<<"$start"
    command=("${words[@]}") because='the start script of package.json'
  elif [[ -n $start ]]; then
    command=("$manager" start) because='the start script of package.json'
  elif $has_next; then
    command=(/bin/bash -c "exec node_modules/.bin/next start -p \${PORT:-8080}") because='Next.js, without a start script'
  elif [[ -n $(entry_file "$main") ]]; then
    command=(node "$(entry_file "$main")") because='"main" in package.json'
  elif [[ -f server.js ]]; then
    command=(node server.js) because='server.js'
  elif [[ -f index.js ]]; then
    command=(node index.js) because='index.js'
  else
    return 1
  fi
}

declare_process() {
  if start_command; then
    [[ -f Procfile ]] || detail "Start: ${command[*]} ($because; a Procfile overrides it)"
    printf '[[processes]]\ntype = "web"\ncommand = %s\ndefault = true\n' "$(as_toml "${command[@]}")" >"$layers/launch.toml"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts" \
      'add "start" to the scripts of package.json, a server.js, or a Procfile with "web: <command>"'
  fi
}

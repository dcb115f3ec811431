# The web process, unless a Procfile names the processes.

# For words without quotes and backslashes, as all of ours are.
as_toml() {
  local words
  printf -v words '"%s", ' "$@"
  printf '[%s]' "${words%, }"
}

is_module() { [[ $1 =~ ^[A-Za-z0-9_./@+-]+\.(ts|tsx|mts|js|jsx|mjs)$ && -f $1 ]]; }

usual_file() {
  local file
  for file in {,src/}{main,server,index,app}.{ts,tsx,js,mjs}; do
    if is_module "$file"; then
      printf '%s' "$file"
      return
    fi
  done
}

# A file that leaves it to Deno to listen.
only_answers() { grep -qE '^export default' "$1" && grep -qE '\bfetch\b' "$1"; }

file_in() {
  local word
  for word in $1; do
    if is_module "$word"; then
      printf '%s' "$word"
      return
    fi
  done
}

# choose_start: `entry` is the file whose imports are needed, `command` starts the app, if anything is known to.
choose_start() {
  set -f
  entry=$(file_in "$start_task")
  if [[ -z $entry && -f Procfile ]]; then entry=$(file_in "$(sed -n 's/^web://p' Procfile)"); fi
  set +f
  command=()
  if [[ -n $start_task ]]; then
    command=(deno task start) because="the task start"
    # It listens on a port of its own unless it is told another.
    if [[ $start_task == *'deno serve'* && $start_task != *--port* ]]; then
      command=(/bin/bash -c "DENO_SERVE_ADDRESS=tcp:0.0.0.0:\${PORT:-8080} exec deno task start")
    fi
    return
  fi
  entry=${entry:-$(usual_file)}
  [[ -n $entry ]] || return 0
  because=$entry
  if only_answers "$entry"; then
    command=(/bin/bash -c "exec deno serve --allow-all --cached-only --host 0.0.0.0 --port \${PORT:-8080} $entry")
  else
    command=(deno run --allow-all --cached-only "$entry")
  fi
}

declare_process() {
  if ((${#command[@]} > 0)); then
    [[ -f Procfile ]] || detail "Start: ${command[*]} ($because; a Procfile overrides it)"
    printf '[[processes]]\ntype = "web"\ncommand = %s\ndefault = true\n' "$(as_toml "${command[@]}")" >"$layers/launch.toml"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts" \
      'add a main.ts, a task "start" to deno.json, or a Procfile with "web: <command>"'
  fi
}

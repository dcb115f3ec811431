# The web process, unless a Procfile names the processes.

# For words without quotes and backslashes, as all of ours are.
as_toml() {
  local words
  printf -v words '"%s", ' "$@"
  printf '[%s]' "${words%, }"
}

# on_port COMMAND: with what $PORT says at the start.
on_port() { command=(/bin/bash -c "exec $1"); }

start_rack() {
  [[ -f config.ru ]] || return 1
  because=config.ru
  if [[ ! -f Gemfile ]]; then
    because="config.ru, with Debian's Puma"
    on_port "puma -b tcp://0.0.0.0:\${PORT:-8080}"
  elif has puma; then
    on_port "bundle exec puma -b tcp://0.0.0.0:\${PORT:-8080}"
  elif has unicorn; then
    on_port "bundle exec unicorn -l 0.0.0.0:\${PORT:-8080}"
  elif has falcon; then
    on_port "bundle exec falcon serve -b http://0.0.0.0:\${PORT:-8080}"
  elif has rackup || has rack; then
    on_port "bundle exec rackup -o 0.0.0.0 -p \${PORT:-8080}"
  else
    [[ -f Procfile ]] || refuse "no server for this app is among its gems" "bundle add puma && git add Gemfile Gemfile.lock, commit, and push again"
    return 1
  fi
}

start_file() {
  local file prefix=""
  if [[ -f Gemfile ]]; then prefix="bundle exec "; fi
  for file in app.rb main.rb server.rb; do
    if [[ -f $file ]]; then
      because=$file
      if has sinatra; then
        on_port "${prefix}ruby $file -o 0.0.0.0 -p \${PORT:-8080}"
      else
        on_port "${prefix}ruby $file"
      fi
      return
    fi
  done
  return 1
}

start_rails() {
  [[ -f bin/rails && -f config/application.rb ]] || return 1
  because="Rails"
  on_port "bin/rails server -b 0.0.0.0 -p \${PORT:-8080}"
}

declare_process() {
  if start_rails || start_rack || start_file; then
    [[ -f Procfile ]] || detail "Start: ${command[2]#exec } ($because; a Procfile overrides it)"
    printf '[[processes]]\ntype = "web"\ncommand = %s\ndefault = true\n' "$(as_toml "${command[@]}")" >"$layers/launch.toml"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts" 'add a config.ru or an app.rb, or a Procfile with "web: <command>"'
  fi
  if [[ -f package.json && -z $(type -P node) ]]; then
    detail "package.json is not built: mesh stack buildpacks set widemesh/nodejs widemesh/ruby, or commit what its build makes"
  fi
}

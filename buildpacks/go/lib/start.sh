# A process for each command; `web` is the one of that name, the one at the top, the one called like
# the module, or the only one. A Procfile wins.

# Sets `web` to its package, empty where none is, and `because`.
find_web() {
  because="the command web"
  for web in "${commands[@]}"; do [[ $(name_of "$web") != web ]] || return 0; done
  because="the command at the top"
  for web in "${commands[@]}"; do [[ $web != . ]] || return 0; done
  because="it is called like the module"
  for web in "${commands[@]}"; do [[ $(name_of "$web") != "$module" ]] || return 0; done
  because="the only command" web=""
  if ((${#commands[@]} == 1)); then web=${commands[0]}; fi
}

declare_processes() {
  local web because each
  find_web
  if [[ -z $web && ! -f Procfile ]]; then
    refuse "several commands can be started: $(for each in "${commands[@]}"; do name_of "$each"; printf ' '; done | sed 's/ $//')" \
      "call the one that listens on \$PORT cmd/web, or choose with a Procfile: 'web: $(name_of "${commands[0]}")'"
  fi
  : >"$layers/launch.toml"
  for each in "${commands[@]}"; do
    if [[ $each == "$web" ]]; then
      process web "$(name_of "$each")"
      printf 'default = true\n' >>"$layers/launch.toml"
      [[ -f Procfile ]] || detail "Start: $(name_of "$each") ($because; a Procfile overrides it)"
    elif [[ $(name_of "$each") =~ ^[A-Za-z0-9._-]+$ ]]; then
      process "$(name_of "$each")" "$(name_of "$each")"
    fi
  done
}

# What runs needs no sources; all else stays: templates, static files, migrations. Programs are
# found on the PATH, and below bin, where Procfiles look for them.
leave_sources_out() {
  local program
  rm -rf vendor
  find . -type f -not -path './.git/*' \( -name '*.go' -o -name go.mod -o -name go.sum -o -name go.work -o -name go.work.sum \) -delete
  find . -mindepth 1 -type d -empty -not -path './.git/*' -delete
  mkdir -p bin
  for program in "$layers/app/bin"/*; do
    link_program "$program" "bin/${program##*/}"
  done
}

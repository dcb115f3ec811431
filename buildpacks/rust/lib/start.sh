# A process for each program; `web` is the one of that name, what the package at the top starts by
# itself, the one called like that package, or the only one. A Procfile wins.

read_programs() { mapfile -t programs < <(sed 's#.*/##' "$scratch/made" | LC_ALL=C sort); }

is_made() { [[ -n $1 && " ${programs[*]} " == *" $1 "* ]]; }

# Sets `web`, empty where no program is, and `because`.
find_web() {
  if is_made web; then
    web=web because="the binary web"
  elif is_made "$default_run"; then
    web=$default_run because="default-run in Cargo.toml"
  elif is_made "$main"; then
    web=$main because="it is called like the package at the top"
  else
    web="" because="the only binary"
    if ((${#programs[@]} == 1)); then web=${programs[0]}; fi
  fi
}

# Rocket listens on a port and an address of its own unless it is told otherwise.
uses_rocket() { grep -qx 'name = "rocket"' Cargo.lock 2>/dev/null; }

declare_web() {
  if uses_rocket; then
    printf '[[processes]]\ntype = "web"\ncommand = ["/bin/bash", "-c", "ROCKET_PORT=${PORT:-8080} exec %s"]\n' "$1" >>"$layers/launch.toml"
  else
    process web "$1"
  fi
  printf 'default = true\n' >>"$layers/launch.toml"
}

declare_processes() {
  local web because each programs
  read_programs
  find_web
  if [[ -z $web && ! -f Procfile ]]; then
    refuse "several binaries can be started: ${programs[*]}" \
      "call the one that listens on \$PORT web, name it with default-run in Cargo.toml, or choose with a Procfile: 'web: ${programs[0]}'"
  fi
  : >"$layers/launch.toml"
  if uses_rocket; then
    mkdir -p "$layers/app/env.launch"
    printf 0.0.0.0 >"$layers/app/env.launch/ROCKET_ADDRESS.default"
  fi
  for each in "${programs[@]}"; do
    if [[ $each == "$web" ]]; then
      declare_web "$each"
      [[ -f Procfile ]] || detail "Start: $each ($because; a Procfile overrides it)"
    elif [[ $each =~ ^[A-Za-z0-9._-]+$ ]]; then
      process "$each" "$each"
    fi
  done
}

# What runs needs no sources; all else stays: templates, static files, migrations. Programs are found
# on the PATH, and where Cargo would have put them, where Procfiles look for them.
leave_sources_out() {
  local program
  find . -type d -name vendor -not -path './.git/*' -prune -exec bash -c '[[ -n $(find "$1" -maxdepth 2 -name .cargo-checksum.json -print -quit) ]]' _ {} \; -exec rm -rf {} +
  rm -rf .cargo
  find . -type f -not -path './.git/*' \( -name '*.rs' -o -name Cargo.toml -o -name Cargo.lock -o -name 'rust-toolchain*' \) -delete
  find . -mindepth 1 -type d -empty -not -path './.git/*' -delete
  mkdir -p target/release
  for program in "$layers/app/bin"/*; do
    link_program "$program" "target/release/${program##*/}"
  done
}

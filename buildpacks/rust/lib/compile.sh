# Compiles every program into the layer `app`.

lock_option() {
  if [[ -f Cargo.lock ]]; then
    printf -- --locked
  else
    detail "no lock file: commit Cargo.lock, then every build gets the same versions" >&2
  fi
}

# count FRESH: crates of which this holds, without their build scripts.
count() { jq -rs --argjson fresh "$1" '[.[] | select(.reason == "compiler-artifact" and .fresh == $fresh and .target.kind != ["custom-build"]) | .package_id] | unique | length' "$scratch/answer"; }

lock_sum() { cat Cargo.lock 2>/dev/null | sha256sum | cut -c1-16; }

kept_size() { du -sm "$layers/compiled" | cut -f1; }

# What was compiled for versions that nobody asks for any more would stay for ever.
forget_old() {
  local lock first
  [[ -f $layers/compiled/first ]] || return 0
  read -r lock first <"$layers/compiled/first"
  if [[ $lock != "$(lock_sum)" ]] && (($(kept_size) > 3 * first + 100)); then
    detail "What was compiled before has grown to $(kept_size) MB: starting afresh"
    rm -rf "$layers/compiled"
    mkdir "$layers/compiled"
  fi
}

remember_size() {
  local size
  size=$(kept_size)
  if [[ -f $layers/compiled/first ]]; then read -r _ size <"$layers/compiled/first"; fi
  printf '%s %s\n' "$(lock_sum)" "$size" >"$layers/compiled/first"
}

compile_binaries() {
  local locked arguments program
  forget_old
  mark_sources
  locked=$(lock_option)
  read -ra arguments <<<"${BP_CARGO_BUILD_ARGUMENTS-}"
  step "cargo build --release${locked:+ $locked} ${selection[*]} ${BP_CARGO_BUILD_ARGUMENTS-}"
  detail "$(if [[ -n ${BP_CARGO_BINARIES-} ]]; then echo "BP_CARGO_BINARIES in the configuration"; else echo "all binaries; choose with the configuration BP_CARGO_BINARIES"; fi)"
  run_cargo build --release ${locked:+"$locked"} "${selection[@]}" "${arguments[@]}" --message-format=json-render-diagnostics
  notice_written
  detail "Crates compiled: $(count false), reused: $(count true)"
  rm -rf "${layers:?}/app"
  mkdir -p "$layers/app/bin"
  jq -r 'select(.reason == "compiler-artifact" and .executable and .target.kind == ["bin"]) | .executable' "$scratch/answer" >"$scratch/made"
  while IFS= read -r program; do
    if [[ -e $layers/app/bin/${program##*/} ]]; then refuse "two packages have a binary ${program##*/}" "rename one of them, or choose with BP_CARGO_BINARIES"; fi
    cp "$program" "$layers/app/bin/"
  done <"$scratch/made"
  [[ -s $scratch/made ]] || refuse "no binary was made: all need features that are off" "mesh stack config set BP_CARGO_BUILD_ARGUMENTS='--features <names>', then push again"
  printf '[types]\nlaunch = true\n' >"$layers/app.toml"
  remember_size
}

# Which programs the app consists of: `selection` are Cargo's options for them; `main` is the package at
# the top, `default_run` what that starts by itself.

# Those of the packages that Cargo builds by itself, or, where these have none, of all; or those that
# are named. A line for each: package, its version, program, default-run, whether it stands at the top.
program_list='
  . as $all
  | (.workspace_default_members // .workspace_members) as $usual
  | [.packages[] | .top = (.manifest_path == $all.workspace_root + "/Cargo.toml")
      | .bins = [.targets[] | select(.kind == ["bin"]) | .name] | select(.bins != [])] as $all
  | [$all[] | select(.id as $id | $usual | index($id))] as $default
  | ($named | [splits(" +") | select(. != "")]) as $names
  | (if $default == [] or $names != [] then $all else $default end)[]
  | . as $package | .bins[] | select($names == [] or (. as $bin | $names | index($bin)))
  | [$package.name, $package.version, ., ($package.default_run // ""), $package.top] | join("|")'

find_binaries() {
  local package version binary run top
  if [[ -e target ]]; then
    detail "target is in the repository: left out (git rm -r --cached target)"
    rm -rf target
  fi
  main="" default_run="" selection=()
  run_cargo metadata --format-version 1 --no-deps
  jq -r --arg named "${BP_CARGO_BINARIES-}" "$program_list" "$scratch/answer" >"$scratch/programs"
  while IFS='|' read -r package version binary run top; do
    if [[ $top == true ]]; then main=$package default_run=$run; fi
    if [[ " ${selection[*]} " != *" --package $package@$version "* ]]; then selection+=(--package "$package@$version"); fi
    if [[ -n ${BP_CARGO_BINARIES-} ]]; then selection+=(--bin "$binary"); fi
  done <"$scratch/programs"
  check_names
  if [[ -z ${BP_CARGO_BINARIES-} ]]; then selection+=(--bins); fi
}

check_names() {
  local name
  for name in ${BP_CARGO_BINARIES-}; do
    grep -qF "|$name|" "$scratch/programs" || refuse "there is no binary $name (BP_CARGO_BINARIES)" "mesh stack config set BP_CARGO_BINARIES='<names>' with names of [[bin]] or src/bin, then push again"
  done
  [[ -s $scratch/programs ]] || refuse "no package here is a program (it has no src/main.rs, src/bin or [[bin]])" "add a src/main.rs, or push the workspace that the library belongs to"
}

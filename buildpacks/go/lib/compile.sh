# Compiles every command into the layer `app`. The same sources give the same bytes: no paths, no
# time, no revision.

fetched() { find "$GOMODCACHE/cache/download" -name '*.zip' -newer "$scratch/before" -printf '%s\n' 2>/dev/null || true; }

compile_commands() {
  local names
  names=$(for each in "${commands[@]}"; do name_of "$each"; echo; done)
  if [[ -n $(sort <<<"$names" | uniq -d) ]]; then
    refuse "two commands are called $(sort <<<"$names" | uniq -d | head -1)" "rename one of them, or choose with BP_GO_TARGETS"
  fi
  rm -rf "${layers:?}/app"
  mkdir -p "$layers/app/bin"
  step "go build ${commands[*]}"
  detail "$commands_by"
  run_go build -trimpath -buildvcs=false -ldflags='-s -w' -o "$layers/app/bin/" "${commands[@]}"
  printf '[types]\nlaunch = true\n' >"$layers/app.toml"
  fetched | awk -v from="the $([[ -d vendor ]] && echo folder vendor || echo cache)" '{ bytes += $1 } END {
    if (NR == 0) print "       Dependencies from " from ": nothing fetched"
    else printf "       Fetched %d modules (%.1f MB) that the cache did not have\n", NR, bytes / 1e6 }'
}

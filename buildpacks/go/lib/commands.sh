# Which programs the app consists of: `commands` are their packages, `./cmd/worker` or `.`, `commands_by` says who chose them.

module=""

# Beside a go.work there may be none at the top.
module_name() {
  [[ -f go.mod ]] || return 0
  module=$(sed -nE 's/^module[[:space:]]+"?([^"[:space:]]+)"?.*/\1/p' go.mod | head -1)
  module=${module%/v[0-9]*}
  module=${module##*/}
}

# name_of PACKAGE: of its program.
name_of() { if [[ $1 == . ]]; then printf '%s' "$module"; else printf '%s' "${1##*/}"; fi; }

# programs PATTERN...: the packages among them that are programs.
programs() {
  go list -e -f '{{if eq .Name "main"}}{{.Dir}}{{end}}' "$@" </dev/null 2>"$scratch/go.log" | sed "s#^$PWD#.#; /^$/d" | LC_ALL=C sort -u || explain_go list $?
}

# find_named PATTERNS, with spaces or colons between them
find_named() {
  local each some named=()
  read -ra named <<<"${1//:/ }"
  commands=() commands_by="BP_GO_TARGETS in the configuration"
  for each in "${named[@]}"; do
    some=$(programs "$each")
    [[ -n $some ]] || refuse "BP_GO_TARGETS names $each, and there is no program (package main)" "correct it: mesh stack config set BP_GO_TARGETS=./cmd/web"
    while IFS= read -r each; do commands+=("$each"); done <<<"$some"
  done
}

# Those at the top and below cmd; elsewhere lie examples and tools for developers, unless there is nothing else.
find_commands() {
  local all chosen
  module_name
  if [[ -n ${BP_GO_TARGETS-} ]]; then
    find_named "$BP_GO_TARGETS"
    return
  fi
  all=$(programs $(roots))
  chosen=$(grep -E '^(\.|\./cmd/[^/]+|\./[^/]+/cmd/[^/]+)$' <<<"$all" || true)
  commands_by="packages main $([[ -n $chosen ]] && echo at the top and below cmd || echo wherever they are); choose others with the configuration BP_GO_TARGETS"
  mapfile -t commands < <(printf '%s' "${chosen:-$all}" | sed '/^$/d')
  if ((${#commands[@]} == 0)); then
    refuse "no package here is a program (package main)" "put one at the top or into cmd/NAME; BP_GO_TARGETS names others: mesh stack config set BP_GO_TARGETS=./path"
  fi
}

# The modules of a workspace, else the one.
roots() {
  if [[ -n $work_file ]]; then
    go list -m -f '{{.Dir}}/...' 2>/dev/null | sed "s#^$PWD#.#"
  else
    printf './...'
  fi
}

# Which programs the app consists of: `commands` are their packages, `./cmd/worker` or `.`, `commands_by` says who chose them.

module=""

module_name() {
  module=$(sed -nE 's/^module[[:space:]]+"?([^"[:space:]]+)"?.*/\1/p' go.mod 2>/dev/null | head -1)
  module=${module%/v[0-9]*}
  module=${module##*/}
}

# name_of PACKAGE: of its program.
name_of() { if [[ $1 == . ]]; then printf '%s' "$module"; else printf '%s' "${1##*/}"; fi; }

# Those at the top and below cmd; elsewhere lie examples and tools for developers, unless there is nothing else.
find_commands() {
  local all chosen
  module_name
  if [[ -n ${BP_GO_TARGETS-} ]]; then
    read -ra commands <<<"$BP_GO_TARGETS"
    commands_by="BP_GO_TARGETS in the configuration"
    return
  fi
  all=$(go list -e -f '{{if eq .Name "main"}}{{.Dir}}{{end}}' $(roots) </dev/null 2>"$scratch/go.log" | sed "s#^$PWD#.#; /^$/d" | LC_ALL=C sort -u) || explain_go list $?
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

# Which programs the app consists of: `commands` are their packages, `./cmd/worker` or `.`, `program_of` how `go build`
# calls what it makes of them, `commands_by` says who chose them.

module=""
declare -A program_of

# last_of IMPORT-PATH: its last element that is no version of a module, as `go build` takes it.
last_of() {
  local path=$1
  if [[ $path =~ ^(.+)/v([2-9]|[1-9][0-9]+)$ ]]; then path=${BASH_REMATCH[1]}; fi
  printf '%s' "${path##*/}"
}

# Beside a go.work there may be none at the top.
module_name() {
  [[ -f go.mod ]] || return 0
  module=$(last_of "$(sed -nE 's/^module[[:space:]]+"?([^"[:space:]]+)"?.*/\1/p' go.mod | head -1)")
}

name_of() { printf '%s' "${program_of[$1]}"; }

# programs PATTERN...: the packages among them that are programs, each a folder and an import path. One may be of nothing
# but C and Go that calls it.
programs() {
  CGO_ENABLED=${BP_GO_CGO_ENABLED:-1} go list -e -f '{{if eq .Name "main"}}{{.Dir}}|{{.ImportPath}}{{end}}' "$@" </dev/null 2>"$scratch/go.log" | sed "s#^$PWD\([/|]\)#.\1#; /^$/d" | LC_ALL=C sort -u -t'|' -k1,1 || explain_go list $?
}

# take_programs PATTERN...: sets `commands` to their folders.
take_programs() {
  local dir path
  commands=()
  programs "$@" >"$scratch/commands"
  while IFS='|' read -r dir path; do
    commands+=("$dir") program_of[$dir]=$(last_of "$path")
  done <"$scratch/commands"
}

# find_named WHO PATTERNS: who names them, with spaces or colons between them.
find_named() {
  local each all=() named=()
  read -ra named <<<"${2//:/ }"
  commands_by="BP_GO_TARGETS in the configuration"
  [[ $1 == BP_GO_TARGETS ]] || commands_by="$1; choose others with the configuration BP_GO_TARGETS"
  for each in "${named[@]}"; do
    take_programs "$each"
    ((${#commands[@]} > 0)) || refuse "$1 names $each, and there is no program (package main)" "correct it: mesh stack config set BP_GO_TARGETS=./cmd/web"
    all+=("${commands[@]}")
  done
  commands=("${all[@]}")
}

# What Heroku would install, by a comment in go.mod.
heroku_install() {
  [[ -f go.mod ]] || return 0
  sed -nE 's#^//[[:space:]]*\+heroku[[:space:]]+install[[:space:]]+(.*)#\1#p' go.mod | tr -d '\r' | head -1
}

# Programs by whose name the Procfile starts something (`worker`, also after `&&` and settings), or that it names below
# bin, wherever in a command.
named_by_procfile() {
  [[ -f Procfile ]] || return 0
  sed -nE 's/^[[:space:]]*[A-Za-z0-9_-]+:[[:space:]]*//p' Procfile | tr '\r;&|()"'\''`' '\n' |
    awk '{ start = 1
      for (i = 1; i <= NF; i++) {
        if ($i ~ /^(\.\/)?bin\/[^\/]+$/) { sub(/.*\//, "", $i); print $i; start = 0 }
        else if (start && $i !~ /^(exec|env|[A-Za-z_][A-Za-z0-9_]*=.*)$/) { print $i; start = 0 } } }'
}

# named_elsewhere CHOSEN: commands that are not among the chosen, and whose programs the Procfile names.
named_elsewhere() {
  local wanted each has=""
  while IFS= read -r each; do has+=$(name_of "$each")$'\n'; done <<<"$1"
  wanted=$(named_by_procfile | grep -vxF "$has" || true)
  [[ -n $wanted ]] || return 0
  for each in "${commands[@]}"; do
    if grep -qxF "$(name_of "$each")" <<<"$wanted"; then printf '%s\n' "$each"; fi
  done
}

# Those at the top and below cmd, and those that the Procfile names; elsewhere lie examples and tools for developers,
# unless there is nothing else.
find_commands() {
  local chosen named where="wherever they are"
  module_name
  if [[ -n ${BP_GO_TARGETS-} ]]; then
    find_named BP_GO_TARGETS "$BP_GO_TARGETS"
    return
  fi
  named=$(heroku_install)
  if [[ -n $named ]]; then
    find_named "+heroku install in go.mod" "$named"
    return
  fi
  take_programs $(roots)
  chosen=$(printf '%s\n' "${commands[@]}" | grep -E '^(\.|\./cmd/[^/]+|\./[^/]+/cmd/[^/]+)$' || true)
  if [[ -n $chosen ]]; then
    named=$(named_elsewhere "$chosen")
    where="at the top and below cmd${named:+, and what the Procfile names}"
    mapfile -t commands <<<"$chosen${named:+$'\n'$named}"
  fi
  commands_by="packages main $where; choose others with the configuration BP_GO_TARGETS"
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

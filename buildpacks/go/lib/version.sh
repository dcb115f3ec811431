# Which Go: `go` is one that go.tsv has, `because` says who chose it.

can() { awk '/^[0-9]/ { print $1 }' "$pins" | sort -uV; }

# full VERSION: with its patch, as pinned: 1.26.11.
full() { awk -v v="$1" '$1 == v { print $3; exit }' "$pins" | sed -E 's/^[^_]*_([0-9.]+)-.*/\1/'; }

# line FILE NAME: the word after `go` or `toolchain` in go.mod.
line() { sed -nE "s/^$2[[:space:]]+(go)?([0-9][A-Za-z0-9.]*).*/\2/p" "$1" | head -1; }

at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | tail -1) == "$1" ]]; }

# What go.mod names is the oldest that does. If the same line of Go is here and new enough, it is
# taken; otherwise the newest: a newer Go compiles what an older one did.
choose_version() {
  local wanted otherwise
  work_file=""
  if [[ ! -f go.mod && ! -f go.work ]]; then
    refuse "there is a main.go, but no go.mod" "go mod init example.com/app && go mod tidy && git add go.mod, commit, then push again"
  fi
  if [[ -f go.work ]]; then work_file=go.work; fi
  go=$(can | tail -1) otherwise=""
  wanted=$(line "${work_file:-go.mod}" toolchain) because="toolchain in ${work_file:-go.mod}"
  if [[ -z $wanted ]]; then
    wanted=$(line "${work_file:-go.mod}" go) because="go in ${work_file:-go.mod}"
    otherwise="; choose a newer one with a line 'toolchain go$(full "$go")'"
  fi
  if [[ -z $wanted ]]; then
    because="the newest; choose another with a line 'go 1.x' in ${work_file:-go.mod}"
    return
  fi
  because="$because is $wanted"
  if [[ $wanted =~ ^([0-9]+\.[0-9]+) ]] && can | grep -qxF "${BASH_REMATCH[1]}" && at_least "$(full "${BASH_REMATCH[1]}")" "$wanted"; then
    if [[ $go != "${BASH_REMATCH[1]}" ]]; then because+=$otherwise; fi
    go=${BASH_REMATCH[1]}
  elif ! at_least "$(full "$go")" "$wanted"; then
    refuse "Go $wanted cannot be had here ($because): $(can | paste -sd, | sed 's/,/, /g; s/\(.*\), /\1 and /') can" \
      "write 'go $(full "$go")' or older, and no newer toolchain, into ${work_file:-go.mod}"
  else
    because+=", which is not here: the newest does for it"
  fi
}

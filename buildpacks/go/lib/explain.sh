# Turns what Go printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/go.log" || true; }

# A package of which all is for cgo, or for other systems.
explain_cgo() {
  local what
  what=$(found 'build constraints exclude all Go files in [^ ]+')
  [[ -n $what && ${CGO_ENABLED-} == 0 ]] || return 0
  what=${what##* } what=${what#"${GOMODCACHE-}/"}
  refuse "${what#"$PWD/"} has Go files for cgo only, or for other systems, and cgo is off" "mesh stack config set BP_GO_CGO_ENABLED=1, then push again"
}

explain_compilation() {
  local where
  where=$(found '^[^ :]+\.go:[0-9]+:([0-9]+:)? .*' | sed -E 's#^\./##; s#^([^:]+:[0-9]+):[0-9]+: #\1: #')
  [[ -n $where ]] || return 0
  if [[ $where =~ no\ required\ module\ provides\ package\ ([^\ ;:]+) ]]; then
    refuse "go.mod does not have the module of ${BASH_REMATCH[1]}" "go mod tidy && git add go.mod go.sum, commit, then push again"
  fi
  if [[ $where =~ missing\ go.sum\ entry.*\ module\ providing\ package\ ([^\ ;:]+) ]]; then
    refuse "go.sum does not have the module of ${BASH_REMATCH[1]}" "go mod tidy && git add go.mod go.sum, commit, then push again"
  fi
  [[ $where == *': reading '* || $where == *'dial tcp'* ]] || refuse "does not compile: $where" "make go build ./... work on your machine, then push again"
}

explain_network() {
  local line host
  line=$(found '.*(dial tcp|no such host|i/o timeout|connection refused|TLS handshake|x509:|proxyconnect|network is unreachable|Could not resolve host).*')
  [[ -n $line ]] || return 0
  host=$(grep -oE 'https?://[^/" ]+' <<<"$line" | head -1 | sed -E 's#^https?://##')
  refuse "${host:-the Go module proxy} did not answer" \
    "look at the server's network, proxy and CA settings; or commit the modules (go mod vendor), then push again"
}

explain_modules() {
  local what
  what=$(found '[^ ]+@[^ :]+: (invalid version: )?unknown revision [^ ]+')
  [[ -z $what ]] || refuse "there is no version ${what##* } of ${what%%@*}" "choose another with go get ${what%%@*}@latest, then push again"
  what=$(found '[^ ]+@[^ :]+: (reading |invalid version|.*(404|410) ).*')
  [[ -z $what ]] || refuse "there is no module ${what%%: *}" "correct its name or version in go.mod; one that is private must be vendored (go mod vendor)"
  if grep -qE 'missing go.sum entry|updates to go.mod needed|go.mod file indicates|to add (it|missing)' "$scratch/go.log"; then
    refuse "go.mod and go.sum are out of step with the sources" "go mod tidy && git add go.mod go.sum, commit, then push again"
  fi
  if grep -q 'inconsistent vendoring' "$scratch/go.log"; then
    refuse "the folder vendor is out of step with go.mod" "go mod vendor && git add vendor, commit, then push again"
  fi
  if grep -q 'checksum mismatch' "$scratch/go.log"; then
    refuse "$(found '[^ ]+@[^ :]+: checksum mismatch') (go.sum)" "find out why the module changed; then go mod tidy, and push again"
  fi
  what=$(found 'requires go >= [0-9.]+')
  [[ -z $what ]] || refuse "a module $what, and this is Go $(full "$go")" "write 'go ${what##* }' into go.mod, or choose an older version of the module"
  what=$(found '[^ ]*go\.(mod|work):[0-9]+: .*')
  [[ -z $what ]] || refuse "$what" "correct go.mod"
}

# explain_go COMMAND EXIT-CODE. What is not found in the log ends nothing here.
explain_go() {
  set +e
  explain_network
  explain_cgo
  explain_compilation
  explain_modules
  refuse "go $1 failed with exit code $2" "make go build ./... work on your machine, then push again"
}

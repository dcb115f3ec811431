# Debian's Go in the layer `go`, without what only its own tests need (three files of five, which each
# build would put in place); modules and what was compiled before in layers that are kept.

packages_of() { awk -v g="$go" -v arch="$arch" '$1 == g { file = $3; sub(/ARCH/, arch, file); print $2, file, (arch == "arm64" ? $5 : $4) }' "$pins"; }

provide_go() {
  local is
  is="key = \"$(packages_of | sha256sum | cut -c1-16)\""
  if was_made_for go "$is"; then
    step "Go $(full "$go") (reused)"
  else
    step "Installing Go $(full "$go")"
    rm -rf "${layers:?}/go"
    packages_of | unpack_packages "$layers/go" "choose another Go with a line 'go 1.x' in go.mod" \
      --exclude='./usr/share/doc' --exclude='./usr/share/lintian' --exclude="./usr/share/go-$go/test" \
      --exclude="./usr/share/go-$go/api" --exclude='*/testdata' --exclude='*_test.go'
  fi
  layer_toml go true false "$is"
  mkdir -p "$layers"/{modules,compiled}
  touch "$scratch/before"
  printf '[types]\ncache = true\n' >"$layers/modules.toml"
  printf '[types]\ncache = true\n\n[metadata]\n%s\n' "$in_place" >"$layers/compiled.toml"
  own_files compiled
  export PATH=$layers/go/usr/lib/go-$go/bin:$PATH GOTOOLCHAIN=local GOFLAGS=-modcacherw
  export GOMODCACHE=$layers/modules GOCACHE=$layers/compiled CGO_ENABLED=${BP_GO_CGO_ENABLED:-0}
}

# run_go ARGUMENTS...: what it says is shown, and explained should it fail.
run_go() {
  local code=0
  go "$@" </dev/null 2>&1 | tee "$scratch/go.log" | quieter | indented || code=$?
  ((code == 0)) || explain_go "$1" "$code"
}

# Of hundreds of modules the number is enough.
quieter() { sed -u '/^go: downloading /d'; }

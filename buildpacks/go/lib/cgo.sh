# Whether C is compiled along: where the configuration does not say, wherever the app's dependencies have some that
# compiles here. What has C alone, or does nothing without it as SQLite's driver, then runs; what does not compile for
# want of a library is left as it is without cgo.

# c_packages: those that the commands are made of, without Go's own.
c_packages() { CGO_ENABLED=1 go list -e -deps -f '{{if and (not .Standard) .CgoFiles}}{{.ImportPath}}{{end}}' "${commands[@]}" </dev/null 2>"$scratch/cgo.log" || true; }

choose_cgo() {
  local packages=() named why
  [[ -z ${BP_GO_CGO_ENABLED-} ]] || return 0
  mapfile -t packages < <(c_packages)
  ((${#packages[@]} > 0)) || return 0
  named=${packages[0]}
  if ((${#packages[@]} > 1)); then named+=" (and $((${#packages[@]} - 1)) more)"; fi
  if CGO_ENABLED=1 go build -trimpath -buildvcs=false -o /dev/null "${packages[@]}" </dev/null >"$scratch/cgo.log" 2>&1; then
    export CGO_ENABLED=1
    detail "cgo is on: $named has C in it; without it: mesh stack config set BP_GO_CGO_ENABLED=0"
  else
    why=$(grep -m1 -E 'error:|cannot find|not found|No package' "$scratch/cgo.log" || true)
    detail "cgo is off: $named has C in it, which does not compile here${why:+ ($why)}; BP_GO_CGO_ENABLED=1 turns it on"
  fi
}

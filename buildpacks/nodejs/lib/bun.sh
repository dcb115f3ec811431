# Bun: it installs, and runs what the app starts. The one for older processors as well: it may be
# built here and run elsewhere.

case $(uname -m) in
  aarch64) bun_package=@oven/bun-linux-aarch64 ;;
  *) bun_package=@oven/bun-linux-x64-baseline ;;
esac

runs() { bun "$@"; }

lock_format() {
  case $lock in
    bun.lock) sed -nE 's/^ *"lockfileVersion": *([0-9]+).*/\1/p' bun.lock | head -1 ;;
    bun.lockb) printf binary ;;
  esac
}

choose_version_of_manager() { choose_manager_version "$bun_package" "$(lock_format)" "$wanted_bun"; }

unpack_manager() {
  unpack_package "$bun_package"
  program bun bin/bun
  program bunx bin/bun
}

# Its layer has settings where Node.js is left out.
prepare_manager() {
  rm -rf "${layers:?}/manager/env.launch"
  export BUN_INSTALL_CACHE_DIR=$layers/cache/bun DO_NOT_TRACK=1
}

# Copies: what is kept must not change with the app's.
install_with() {
  local how=--frozen-lockfile
  if [[ -z $lock ]]; then how=--no-save; fi
  run_manager install "$how" --backend=copyfile --no-progress "$@"
}

install_all() {
  [[ -n $lock ]] || detail "no lock file: commit bun.lock, then every build gets the same versions"
  install_with
}

# It only installs anew, which would lose what scripts made, and run the app's own without what they need.
remove_development() {
  if development_stays; then return; fi
  remove_modules
  install_with --production
}

explain_manager() {
  local what
  if [[ -n $(found 'lockfile had changes, but lockfile is frozen') ]]; then out_of_step; fi
  what=$(found 'GET https?://[^ ]+ - 404' | sed -E 's#GET https?://[^/]+/([^ ]*) .*#\1#; s#%2[fF]#/#')
  if [[ -n $what ]]; then no_such_package "$what"; fi
  what=$(found 'No version matching "[^"]+" found for specifier "[^"]+"' | sed -E 's/.*matching "([^"]+)" found for specifier "([^"]+)"/\2@\1/')
  if [[ -n $what ]]; then no_such_version "$what"; fi
  what=$(found 'Integrity check failed for tarball: [^ ]+' | sed 's/.*: //')
  if [[ -n $what ]]; then
    refuse "$what is not what $lock says (its sum differs)" "find out why it changed; then bun install --force && git add $lock, commit, and push again"
  fi
  what=$(found '(DNSResolveFailed|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|Timeout|[A-Z_]*CERT[A-Z_]*) ')
  if [[ -n $what ]]; then no_answer "${what% }"; fi
}

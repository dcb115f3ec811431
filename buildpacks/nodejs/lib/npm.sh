# npm: it comes with Node.js.

runs() {
  if [[ $1 == ci ]]; then asks_npm "$@" 2>&1 | without_usage; else asks_npm "$@"; fi
}

asks_npm() { npm "$@" --no-audit --no-fund --no-progress --color=false; }

# Where npm ci fails it prints all its options. Should they end otherwise than they do, nothing is left out.
without_usage() {
  sed -uE '/^npm (error|ERR!) Clean install a project *$/,/^npm (error|ERR!) Run "npm help ci" for more info *$/{
    H
    /Run "npm help ci"/{s/.*//;x;d}
    $!d
    s/.*//;x;s/^\n//
  }'
}

is_npm_6() { [[ $npm_version == [1-6].* ]]; }

# npm 6 writes a log where it fails alone, and does fail where it may keep none.
prepare_manager() {
  export npm_config_cache=$layers/cache/npm npm_config_logs_max=0 npm_config_update_notifier=false
  if is_npm_6; then export npm_config_logs_max=1; fi
}

install_all() {
  if [[ -n $lock ]]; then
    run_manager ci --include=dev
  else
    detail "no lock file: commit package-lock.json, then every build gets the same versions"
    run_manager install --include=dev --no-package-lock
  fi
}

# npm 6 knows no --omit, and with --no-save removes nothing.
remove_development() {
  local words=(--omit=dev --no-save)
  if is_npm_6; then words=(--production); fi
  if [[ -z $lock ]]; then words+=(--no-package-lock); fi
  run_manager prune "${words[@]}" --ignore-scripts
}

explain_manager() {
  local code package
  if [[ -n $(found 'cipm can only install packages when') ]]; then out_of_step; fi
  code=$(found 'npm (error|ERR!) code [A-Z0-9_]+' | awk '{ print $4 }')
  case $code in
    E404)
      package=$(found "'(@[^/' ]+/)?[^@/' ]+@[^' ]+'" | tr -d "'")
      no_such_package "${package:-(see above)}"
      ;;
    ETARGET)
      package=$(found 'No matching version found for [^ ]+' | awk '{ print $NF }')
      no_such_version "${package%.}"
      ;;
    EUSAGE) out_of_step ;;
    ERESOLVE)
      refuse "the dependencies contradict each other (ERESOLVE)" \
        "make npm ci work on your machine, or put legacy-peer-deps=true into .npmrc"
      ;;
    EBADENGINE) wrong_engine "a dependency" ;;
    ENOTFOUND | EAI_AGAIN | ECONNREFUSED | ETIMEDOUT | ECONNRESET | ENETUNREACH | UNABLE_TO_GET_ISSUER_CERT_LOCALLY | SELF_SIGNED_CERT_IN_CHAIN)
      no_answer "$code"
      ;;
  esac
}

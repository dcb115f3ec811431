# npm: it comes with Node.js.

runs() { npm "$@" --no-audit --no-fund --no-progress --color=false; }

prepare_manager() {
  export npm_config_cache=$layers/cache/npm npm_config_logs_max=0 npm_config_update_notifier=false
}

install_all() {
  if [[ -n $lock ]]; then
    run_manager ci --include=dev
  else
    detail "no lock file: commit package-lock.json, then every build gets the same versions"
    run_manager install --include=dev --no-package-lock
  fi
}

remove_development() {
  if [[ -n $lock ]]; then
    run_manager prune --omit=dev --ignore-scripts --no-save
  else
    run_manager prune --omit=dev --ignore-scripts --no-save --no-package-lock
  fi
}

explain_manager() {
  local code package
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

# Turns what npm printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/npm.log" || true; }

# explain_npm COMMAND EXIT-CODE
explain_npm() {
  local code host package
  code=$(found 'npm (error|ERR!) code [A-Z0-9_]+' | awk '{ print $4 }')
  case $code in
    E404)
      package=$(found "'(@[^/' ]+/)?[^@/' ]+@[^' ]+'" | tr -d "'")
      refuse "the npm registry has no package ${package:-(see above)}" \
        "correct its name in package.json; for a private registry add an .npmrc"
      ;;
    ETARGET)
      package=$(found 'No matching version found for [^ ]+' | awk '{ print $NF }')
      refuse "no version of ${package%.} exists" "choose a version that npm view ${package%@*} versions lists"
      ;;
    EUSAGE)
      refuse "package.json and its lock file are out of step" \
        "npm install && git add package-lock.json && git commit --amend --no-edit, then push again"
      ;;
    ERESOLVE)
      refuse "the dependencies contradict each other (ERESOLVE)" \
        "make npm ci work on your machine, or put legacy-peer-deps=true into .npmrc"
      ;;
    EBADENGINE)
      refuse "a dependency refuses Node.js $node_version" 'choose a version with "engines" in package.json'
      ;;
    ENOTFOUND | EAI_AGAIN | ECONNREFUSED | ETIMEDOUT | ECONNRESET | ENETUNREACH | UNABLE_TO_GET_ISSUER_CERT_LOCALLY | SELF_SIGNED_CERT_IN_CHAIN)
      host=$(found 'https?://[^/ ]+' | sed 's#.*/##')
      refuse "${host:-the npm registry} did not answer ($code)" \
        "look at the server's network, proxy and CA settings, then push again"
      ;;
  esac
  case $1 in
    'run build')
      refuse "the build script failed with exit code $2" "make npm run build work on your machine, then push again"
      ;;
    *)
      refuse "npm $1 failed with exit code $2${code:+ ($code)}" "make npm $1 work on your machine, then push again"
      ;;
  esac
}

# Turns what a package manager printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/manager.log" || true; }

no_such_package() {
  refuse "$(registry_name) has no package $1" "correct its name in package.json; for a private registry add an .npmrc"
}

no_such_version() { refuse "no version of $1 exists" "choose a version that npm view ${1%@*} versions lists"; }

out_of_step() {
  refuse "package.json and $lock are out of step" \
    "$manager install && git add $lock && git commit --amend --no-edit, then push again"
}

wrong_engine() { refuse "$1 refuses Node.js $node_version" 'choose a version with "engines" in package.json'; }

# no_answer CODE
no_answer() {
  local host
  host=$(found 'https?://[^/ ]+' | sed -E 's#^https?://##; s#^[^@]*@##')
  refuse "${host:-the npm registry} did not answer ($1)" "look at the server's network, proxy and CA settings, then push again"
}

explain_network() {
  local code
  code=$(found '\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ESOCKETTIMEDOUT|ECONNRESET|ENETUNREACH|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|SELF_SIGNED_CERT_IN_CHAIN|unable to get local issuer certificate)\b')
  if [[ -n $code ]]; then no_answer "$code"; fi
}

explain_login() {
  refuse_login_of "${WIDEMESH_NPM_MIRROR-}" WIDEMESH_NPM_MIRROR \
    '\b(E401|ERR_PNPM_FETCH_401|401 Unauthorized|Request failed "401|YN0041|- 401)\b' "$scratch/manager.log"
}

# Names that the managers' settings want a value for, without another for its lack, each with its file.
names_in_settings() {
  local file files=(.npmrc)
  if [[ $manager == yarn ]]; then files+=(.yarnrc .yarnrc.yml); fi
  for file in "${files[@]}"; do
    if [[ -f $file ]]; then
      sed -E '/^[[:space:]]*[#;]/d' "$file" | grep -oE '\$\{[A-Za-z_][A-Za-z0-9_]*\}' | sed -E "s/^..(.*).\$/\1 $file/" || true
    fi
  done
}

explain_unset() {
  local name file
  while read -r name file; do
    if printenv "$name" >/dev/null; then continue; fi
    if [[ $name == BP_* ]]; then refuse "$name in $file is not set" "mesh stack config set $name=..., then push again"; fi
    refuse "$name in $file is not set: builds see configuration whose name begins with BP_" \
      "write \${BP_$name} in $file, commit, mesh stack config set BP_$name=..., and push again"
  done < <(names_in_settings)
}

# explain EXIT-CODE ARGUMENTS...
explain() {
  local exit_code=$1
  shift
  if [[ -n $(found 'heap out of memory') ]]; then out_of_heap "$([[ $1 == run ]] && echo "the $2 script" || echo "$manager $1")"; fi
  if [[ $1 == run ]]; then
    refuse "the $2 script failed with exit code $exit_code" "make $manager run $2 work on your machine, then push again"
  fi
  explain_login
  if [[ -n $(found '(\b|E|_)40[134]\b|[Nn]ot [Ff]ound|ENEEDAUTH|Failed to replace env') ]]; then explain_unset; fi
  explain_manager
  explain_network
  explain_unset
  refuse "$manager $1 failed with exit code $exit_code" "make $manager $1 work on your machine, then push again"
}

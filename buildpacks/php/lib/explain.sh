# Turns what Composer printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/composer.log" | head -1 || true; }

explain_network() {
  local host
  host=$(found '(Could not resolve host: [^ ]+|"https?://[^/"]+[^"]*" (file )?could not be (fully )?(loaded|downloaded)|Failed to connect to [^ ]+|curl error [0-9]+ while downloading [^ ]+)')
  [[ -n $host ]] || return 0
  host=$(sed -E 's#.*https?://([^/"]+).*#\1#; s#^(Could not resolve host:|Failed to connect to) ##' <<<"$host")
  refuse "$host did not answer" "look at the server's network, proxy and CA settings, then push again"
}

explain_packages() {
  local what
  if [[ -n $(found 'not (present|up to date).* (in the )?lock file|lock file is not up to date with the latest changes in composer.json') && -n $(found 'Required package "[^"]+" is not (present )?in the lock file|is not satisfiable|not present in the lock file') ]]; then
    refuse "composer.json and composer.lock are out of step" "composer update --lock && git add composer.lock && git commit --amend --no-edit, then push again"
  fi
  what=$(found 'requires ext-[a-zA-Z0-9_-]+ .* missing from your system|require[sd]? PHP extension ext-[a-zA-Z0-9_-]+' | grep -oE 'ext-[a-zA-Z0-9_-]+' || true)
  [[ -z $what ]] || refuse "a package wants the extension ${what#ext-}, which cannot be had here" "do without it, or build with a Dockerfile"
  what=$(found 'Root composer.json requires [^ ,]+.*, it could not be found in any version' | awk '{ print $4 }' | tr -d ,)
  [[ -z $what ]] || refuse "there is no package $what" "correct its name in composer.json, then composer update --lock, commit, and push again"
  what=$(found '[^ ]+ [^ ]+ requires php [^ ]+.* -> your php version .*does not satisfy' | sed -E 's/ -> .*//')
  [[ -z $what ]] || refuse "$what, and this is PHP $(full "$php")" "choose another version of it with composer update, commit composer.lock, and push again"
}

explain_scripts() {
  local what
  what=$(found 'Script .* (handling the [^ ]+ event )?returned with error code [0-9]+')
  [[ -z $what ]] || refuse "$what" "make composer install --no-dev work on your machine without its configuration, then push again"
}

# explain_composer COMMAND EXIT-CODE
explain_composer() {
  explain_scripts
  explain_network
  explain_packages
  refuse "composer $1 failed with exit code $2" "make composer install --no-dev work on your machine, then push again"
}

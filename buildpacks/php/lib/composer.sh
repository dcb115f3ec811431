# Composer, and what it installs: in a layer that the app's folder `vendor` (config.vendor-dir) is a link to. Where the app's
# own classes are is written anew each time. It keeps the lock file that an app without one got.

composer_packages() { awk -F'\t' '!/^#/ { print $1, $2, $3 }' "$CNB_BUILDPACK_DIR/composer.tsv"; }

provide_composer() {
  local is
  is="key = \"$({ composer_packages; declare -f provide_composer; } | sha256sum | cut -c1-16)\""
  if ! was_made_for composer "$is"; then
    rm -rf "${layers:?}/composer" "$layers/.debian"
    composer_packages | unpack_packages "$layers/.debian" "push again; if that does not help, tell the operator that the PHP buildpack needs an update" \
      --exclude='./usr/share/doc' --exclude='./usr/share/man'
    mv "$layers/.debian/usr" "$layers/composer"
    # Debian's libraries look for one another where Debian has them.
    grep -rlZ "'/usr/share/php" "$layers/composer/share/php" | xargs -0 -r sed -i "s#'/usr/share/php#'$layers/composer/share/php#g"
    rm -rf "$layers/.debian"
  fi
  layer_toml composer false false "$is"
  mkdir -p "$layers/cache"
  printf '[types]\ncache = true\n' >"$layers/cache.toml"
  export COMPOSER_HOME=$scratch/composer COMPOSER_CACHE_DIR=$layers/cache COMPOSER_NO_INTERACTION=1 COMPOSER_ALLOW_SUPERUSER=1
  export COMPOSER_VENDOR_DIR=$layers/vendor COMPOSER_NO_AUDIT=1 NO_COLOR=1 COMPOSER_DISABLE_XDEBUG_WARN=1
  [[ -z ${SSL_CERT_FILE-} ]] || export COMPOSER_CAFILE=$SSL_CERT_FILE
}

# run_composer ARGUMENTS...: what it says is shown, and explained should it fail.
run_composer() {
  local code=0
  php -d include_path="$layers/composer/share/php" -d memory_limit=1G "$layers/composer/bin/composer" "$@" --no-ansi </dev/null 2>&1 |
    tee "$scratch/composer.log" | indented || code=$?
  ((code == 0)) || explain_composer "$1" "$code"
}

# Packages that are folders of the app may be made of any file.
vendor_key() {
  {
    printf '%s\n' "$php"
    jq -cS '{require, repositories, config, extra, "minimum-stability", "prefer-stable", replace, conflict, provide, scripts}' composer.json
    cat composer.lock auth.json 2>/dev/null || true
    find . \( -path ./.git -o -path "./$vendor" \) -prune -o \( -name '*.patch' -o -name '*.diff' \) -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
    if grep -qE '"type": *"path"' composer.json composer.lock 2>/dev/null; then
      find . \( -path ./.git -o -path "./$vendor" \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    fi
  } | sha256sum | cut -c1-16
}

install_packages() { run_composer install --no-progress --no-dev --prefer-dist --optimize-autoloader; }

run_script() { if jq -e --arg name "$1" '.scripts?[$name]? // empty' composer.json >/dev/null; then run_composer run-script --no-dev "$1"; fi; }

# To Composer an installation without a lock file is an update, and it runs the scripts of that. With the
# lock file of the build before it would run those of an installation.
install_as_update() {
  cp composer.json "$scratch/composer.json"
  run_script pre-update-cmd
  jq 'if .scripts? | type == "object" then .scripts |= with_entries(if .key | IN("pre-install-cmd", "post-install-cmd") then .value = [] else . end) else . end' \
    "$scratch/composer.json" >composer.json
  install_packages
  cp "$scratch/composer.json" composer.json
  run_script post-update-cmd
}

# Symfony's own default is a developer's environment, which needs packages that are not installed.
keep_environment() {
  $symfony || return 0
  mkdir -p "$layers/vendor/env.launch"
  printf '%s' "$APP_ENV" >"$layers/vendor/env.launch/APP_ENV.default"
}

provide_dependencies() {
  local is install=install_packages
  $needs_composer || return 0
  if [[ -e $vendor ]]; then
    detail "$vendor is in the repository: left out, installed afresh (git rm -r --cached $vendor)"
    rm -rf "$vendor"
  fi
  provide_composer
  if $symfony; then export APP_ENV=${BP_APP_ENV:-prod}; fi
  is="key = \"$(vendor_key)\""
  if was_made_for vendor "$is"; then
    step "Dependencies unchanged (reused)"
    own_files vendor
    if [[ ! -f composer.lock && -f $layers/vendor/composer.lock ]]; then
      cp "$layers/vendor/composer.lock" composer.lock
      install=install_as_update
    fi
  else
    step "Installing the dependencies"
    rm -rf "${layers:?}/vendor"
    mkdir -p "$layers/vendor"
    [[ -f composer.lock ]] || detail "no lock file: commit composer.lock, then every build gets the same versions"
  fi
  if [[ $vendor == */* ]]; then mkdir -p "${vendor%/*}"; fi
  ln -s "$layers/vendor" "$vendor"
  # Its scripts write into the app's folder too, so it runs also where all is there.
  "$install"
  [[ ! -f composer.lock ]] || cp composer.lock "$layers/vendor/composer.lock"
  if $compiles; then
    step "composer run-script compile"
    run_script compile
  fi
  keep_environment
  layer_toml vendor false true "$is"$'\n'"$in_place"
}

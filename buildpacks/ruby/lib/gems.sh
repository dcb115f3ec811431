# What Bundler installs, in the layer `gems`. A gem that Debian's Ruby brings along in the very version of
# the lock file is there already; those that are folders of the app stay there. It keeps the lock file that an app without
# one got.

# has GEM: whether the bundle has it.
has() { [[ -f Gemfile.lock ]] && grep -qE "^ {4}$1 \(" Gemfile.lock; }

vendored() { compgen -G 'vendor/cache/*.gem' >"$scratch/vendored"; }

gems_key() {
  {
    printf '%s\n' "$BUNDLE_WITHOUT"
    cat "$layers/ruby.toml" Gemfile Gemfile.lock
    find . \( -path ./.git -o -path ./node_modules \) -prune -o \( -name '*.gemspec' -o -path './vendor/cache/*' \) -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum
  } 2>/dev/null | sha256sum | cut -c1-16
}

# run_bundle ARGUMENTS...: what it says is shown, and explained should it fail.
run_bundle() {
  local code=0
  bundle "$@" </dev/null 2>&1 | tee "$scratch/bundle.log" | quieter | indented || code=$?
  ((code == 0)) || explain_bundle "$1" "$code"
}

# Of hundreds of gems the number is enough.
quieter() { sed -uE '/^(Using|Fetching|Installing) [^ ]+ [0-9]/d; /^Fetching gem metadata/d; /^$/d'; }

install_gems() {
  local how=(--jobs 4 --retry 2)
  if vendored; then
    detail "gems from vendor/cache"
    how+=(--local)
  fi
  run_bundle install "${how[@]}"
  # Notes of the compilation, and what was fetched, are nothing to run.
  find "$layers/gems" \( -name gem_make.out -o -name mkmf.log \) -delete
  rm -rf "$layers/gems/cache"
}

# has_lock: the app's own, or the one that came with the gems of the build before.
has_lock() { [[ -f Gemfile.lock ]] || cp "$layers/gems/Gemfile.lock" Gemfile.lock 2>/dev/null; }

# The app's own settings of Bundler are those of a developer's machine.
provide_gems() {
  local is
  [[ -f Gemfile ]] || return 0
  if [[ -f .bundle/config ]]; then
    detail ".bundle/config is in the repository: left out (git rm -r --cached .bundle)"
    rm -rf .bundle
  fi
  export BUNDLE_WITHOUT=${BP_BUNDLE_WITHOUT:-development:test} BUNDLE_APP_CONFIG=$scratch/bundle BUNDLE_SILENCE_ROOT_WARNING=1
  export BUNDLE_USER_HOME=$scratch/bundle-home BUNDLE_IGNORE_MESSAGES=1
  if [[ -f Gemfile.lock ]]; then
    export BUNDLE_FROZEN=true
  else
    detail "no lock file: commit Gemfile.lock, then every build gets the same versions"
  fi
  is="key = \"$(gems_key)\""
  if was_made_for gems "$is" && has_lock; then
    step "Dependencies unchanged (reused)"
  else
    step "Installing the dependencies"
    rm -rf "${layers:?}/gems"
    mkdir -p "$layers/gems/env"
    printf '%s' "$BUNDLE_WITHOUT" >"$layers/gems/env/BUNDLE_WITHOUT.default"
    printf true >"$layers/gems/env/BUNDLE_FROZEN.default"
    install_gems
    [[ ! -f Gemfile.lock ]] || cp Gemfile.lock "$layers/gems/Gemfile.lock"
  fi
  layer_toml gems true true "$is"
  if compgen -G 'vendor/cache/*' >"$scratch/vendored"; then rm -rf vendor/cache; fi
}

# Rails' pages want their styles and scripts made. A build has no secrets, and needs none for that.
precompile_assets() {
  if [[ ! -f Rakefile ]] || ! { has sprockets || has propshaft; }; then return; fi
  step "rake assets:precompile"
  RAILS_ENV=production RACK_ENV=production SECRET_KEY_BASE_DUMMY=1 SECRET_KEY_BASE=${SECRET_KEY_BASE-none} run_bundle exec rake assets:precompile
}

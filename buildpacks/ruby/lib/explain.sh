# Turns what Bundler printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/bundle.log" | head -1 || true; }

explain_network() {
  local host
  host=$(found 'Could not (reach host|connect to|fetch specs from|verify the SSL certificate for) [^ ]+|Network error while fetching [^ ]+|Failed to open TCP connection to [^ ]+|getaddrinfo.* \([^)]*\)')
  [[ -n $host ]] || return 0
  host=$(sed -E 's#.*(https?://)([^/ ]+).*#\2#; s#.*(host|to|for|from) ##; s#[.,/]+$##' <<<"$host")
  refuse "${host:-rubygems.org} did not answer" "look at the server's network, proxy and CA settings; or commit the gems (bundle cache), then push again"
}

explain_gems() {
  local what
  what=$(found 'Your Ruby version is [^,]+, but your Gemfile specified .*' | sed 's/.*specified //')
  [[ -z $what ]] || refuse "the Gemfile wants Ruby ${what% }, and this is $(full "$ruby")" "write ruby \"~> $ruby.0\" into the Gemfile, then bundle lock && git add Gemfile.lock, commit, and push again"
  if [[ -n $(found "(frozen mode is set|in deployment mode|lockfile can't be updated|frozen is set)") ]]; then
    refuse "Gemfile and Gemfile.lock are out of step" "bundle lock && git add Gemfile.lock && git commit --amend --no-edit, then push again"
  fi
  what=$(found 'Your bundle only supports platforms .* but your local platform is [^ ]+')
  [[ -z $what ]] || refuse "Gemfile.lock is for another kind of machine" "bundle lock --add-platform x86_64-linux && git add Gemfile.lock, commit, and push again"
  what=$(found 'An error occurred while installing [^ ]+ \([^)]+\)' | sed 's/.*installing //')
  [[ -z $what ]] || refuse "${what/ (/ } cannot be built" "read its lines above; what it looks for may be missing in builds: a Dockerfile can install it"
  what=$(found "Could not find gem '[^']+'" | cut -d"'" -f2)
  [[ -z $what ]] || refuse "there is no gem $what" "correct its name or version in the Gemfile, then bundle lock && git add Gemfile.lock, commit, and push again"
  what=$(found 'Could not find [^ ]+ in (locally installed gems|cached gems|any of the sources|rubygems repository).*' | awk '{ print $4 }')
  [[ -z $what ]] || refuse "the gem ${what%,} is not there" "bundle cache && git add vendor/cache, commit, and push again"
  what=$(found 'There was an error parsing `Gemfile`: .*|Gemfile:[0-9]+: .*')
  what=$(sed -E 's/^[^:]*: //; s/( - )?\. Bundler cannot.*//' <<<"$what")
  [[ -z $what ]] || refuse "the Gemfile is not right: $what" "make bundle install work on your machine, then push again"
}

# explain_bundle COMMAND EXIT-CODE
explain_bundle() {
  if [[ $1 == exec && -f package.json && -n $(found '(yarn|npm|node|bun|pnpm): (command )?not found|No such file or directory - (yarn|npm|node|bun|pnpm)|Command failed, ensure .*(yarn|npm|bun|pnpm)|Could not find a JavaScript runtime') ]]; then
    refuse "rake assets:precompile needs Node.js" "mesh stack buildpacks set widemesh/nodejs widemesh/ruby, then push again"
  fi
  if [[ $1 == exec ]]; then
    refuse "rake assets:precompile failed with exit code $2" "make RAILS_ENV=production SECRET_KEY_BASE_DUMMY=1 bundle exec rake assets:precompile work on your machine, then push again"
  fi
  explain_network
  explain_gems
  refuse "bundle $1 failed with exit code $2" "make bundle install work on your machine, then push again"
}

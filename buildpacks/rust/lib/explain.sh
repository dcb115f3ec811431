# Turns what Cargo printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/cargo.log" | head -1 || true; }

# after LINE: the next line that says something.
after() { grep -m1 -A3 -E "$1" "$scratch/cargo.log" | sed -E '1d; s/^[[:space:]]+//; /^$/d; /^Caused by:/d' | head -1; }

# Without what crates and sources are called: hyper-timeout is compiled, and what does not compile is quoted.
own_words() { grep -vE '^ +(Compiling|Checking|Downloading|Downloaded|Adding|Updating|Locking|Fresh) |^ *[0-9]* +\|' "$scratch/cargo.log" || true; }

# Programs, too, speak of connections: only what Cargo fetches counts, and what curl and libgit2 say to it.
explain_network() {
  local words line host
  words=$(own_words | grep -E 'spurious network error|failed to (download|fetch|get|clone|connect|resolve address)|(^|: ) *\[[0-9]+\] [A-Z]|class=(Net|Ssl)' || true)
  line=$(grep -m1 -E 'Could not (resolve|connect)|[Ff]ailed to (connect|resolve address)|[Tt]imed? ?out|Timeout|Connection (refused|reset)|SSL|certificate|network is unreachable|spurious network error' <<<"$words" || true)
  [[ -n $line ]] || return 0
  host=$(grep -m1 -oE 'https?://[^/" `)]+' "$scratch/cargo.log" | sed -E 's#^https?://##')
  if [[ $line =~ (resolve\ host|resolve\ address\ for|connect\ to)[:\ ]+([A-Za-z0-9.-]+\.[A-Za-z0-9-]+) ]]; then host=${BASH_REMATCH[2]}; fi
  refuse "${host:-the registry of crates} did not answer" \
    "look at the server's network, proxy and CA settings; or commit the crates (cargo vendor), then push again"
}

explain_crates() {
  local what crate
  what=$(found 'no matching package named `[^`]+` found|no matching package found')
  if [[ -n $what ]]; then
    crate=$(grep -oE 'named `[^`]+`|searched package name: `[^`]+`' "$scratch/cargo.log" | head -1 | cut -d'`' -f2)
    refuse "the registry has no crate ${crate:-(see above)}" "correct its name in Cargo.toml, then cargo check && git add Cargo.lock, commit, and push again"
  fi
  what=$(found 'failed to select a version for the requirement `[^`]+`' | cut -d'`' -f2)
  [[ -z $what ]] || refuse "no version fits $what" "choose another version in Cargo.toml, then cargo check && git add Cargo.lock, commit, and push again"
  if grep -qE 'needs to be updated but --(locked|frozen)|(because|since) --(locked|frozen) was passed|lock file .* --locked' "$scratch/cargo.log"; then
    refuse "Cargo.toml and Cargo.lock are out of step" "cargo check && git add Cargo.lock && git commit --amend --no-edit, then push again"
  fi
  what=$(found '[a-zA-Z0-9_-]+@[0-9][^ ]* requires rustc [0-9.]+|package `[^`]+` cannot be built because it requires rustc [0-9.]+')
  if [[ -n $what ]]; then
    crate=$(sed -E 's/^package `([^`]+)`.*/\1/; s/ requires.*//' <<<"$what")
    refuse "$crate wants Rust ${what##* }, and this is $rust" "write channel = \"${what##* }\" or newer into [toolchain] of rust-toolchain.toml, or choose an older version of the crate"
  fi
  what=$(found 'failed to (parse|read|load) (manifest|lock file)? ?at:? `?[^` ]+' | sed -E "s#.*[ \`]$PWD/?##; s#.*[ \`]##")
  [[ -z $what ]] || refuse "${what:-Cargo.toml} is not right: $(after 'failed to (parse|read|load)')" "make cargo check work on your machine, then push again"
}

# The build image has a C compiler, and no libraries to compile against.
explain_libraries() {
  local what
  what=$(found 'system library `[^`]+` required by crate `[^`]+`')
  if [[ -n $what ]]; then
    refuse "$(cut -d'`' -f4 <<<"$what") wants the library $(cut -d'`' -f2 <<<"$what"), which builds do not have" \
      "use a feature of it that brings the library along (vendored, bundled, rustls); or build with a Dockerfile"
  fi
  what=$(found 'Could not find directory of OpenSSL installation')
  [[ -z $what ]] || refuse "openssl-sys wants OpenSSL, which builds do not have" "use rustls instead (features such as rustls-tls of the crate that wants it); or build with a Dockerfile"
  what=$(found 'linker `[^`]+` not found' | cut -d'`' -f2)
  [[ -z $what ]] || refuse "the linker $what, which .cargo/config.toml wants, is not here" "leave linker out for builds on the server (cc is used then), or build with a Dockerfile"
  what=$(found 'the `[^`]+` target may not be installed' | cut -d'`' -f2)
  [[ -z $what ]] || refuse "programs for $what cannot be made here" "leave target out of .cargo/config.toml for builds on the server"
  what=$(found '(cannot|unable to) find (library )?-l[^ :]+' | sed 's/.*-l//')
  [[ -z $what ]] || refuse "the library $what, which builds do not have, is wanted" "use a feature that brings it along (vendored, bundled); or build with a Dockerfile"
  what=$(found 'failed to run custom build command for `[^`]+`' | cut -d'`' -f2)
  [[ -z $what ]] || refuse "the build script of ${what%% (*} failed" "read its lines above; what it looks for may be missing in builds: a Dockerfile can install it"
}

explain_compilation() {
  local what where
  what=$(grep -m1 -E '^error(\[E[0-9]+\])?: ' "$scratch/cargo.log" | sed -E 's/^error(\[E[0-9]+\])?: //')
  where=$(grep -m1 -A6 -E '^error(\[E[0-9]+\])?: ' "$scratch/cargo.log" | sed -nE 's/^ *--> ([^:]+:[0-9]+):.*/\1/p' | head -1)
  if [[ $where == *Cargo.toml:* ]]; then refuse "${where#"$PWD"/} is not right: $what" "make cargo check work on your machine, then push again"; fi
  [[ -z $where ]] || refuse "does not compile: ${where#"$PWD"/}: $what" "make cargo build --release work on your machine, then push again"
  [[ $what != 'the package '*' does not contain '* && $what != *' does not have '* ]] || refuse "$what" "correct BP_CARGO_BUILD_ARGUMENTS"
}

# Its macros look at a database, or at what `cargo sqlx prepare` noted of it.
explain_sqlx() {
  grep -qE 'cargo sqlx prepare|^error: error communicating with database' "$scratch/cargo.log" || return 0
  refuse "sqlx checks queries at a database, which builds do not have" \
    "cargo sqlx prepare --workspace, and SQLX_OFFLINE = \"true\" below [env] in .cargo/config.toml; git add .sqlx .cargo, commit, then push again"
}

# explain_cargo COMMAND EXIT-CODE. What is not found in the log ends nothing here.
explain_cargo() {
  set +e
  explain_crates
  explain_libraries
  explain_sqlx
  explain_compilation
  explain_network
  refuse "cargo $1 failed with exit code $2" "make cargo build --release work on your machine, then push again"
}

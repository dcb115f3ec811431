# Turns what Deno printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/deno.log" | head -1 || true; }

explain_network() {
  local line host
  line=$(found '(client error \(Connect\)|dns error|error sending request|tcp connect error|invalid peer certificate|operation timed out|connection refused|UnknownIssuer|manifest for .* failed to load).*')
  [[ -n $line ]] || return 0
  host=$(grep -m1 -oE "(Import|for url|Download|from|fetch) '?\(?https?://[^/'\" ]+" "$scratch/deno.log" | sed -E 's#.*https?://##')
  refuse "${host:-a registry} did not answer" "look at the server's network, proxy and CA settings, then push again"
}

explain_modules() {
  local what
  if [[ -n $(found 'The lockfile is out of date') ]]; then
    refuse "deno.lock is out of step with what the app imports" "deno install && git add deno.lock && git commit --amend --no-edit, then push again"
  fi
  what=$(found "npm package '[^']+' does not exist" | cut -d"'" -f2)
  [[ -z $what ]] || refuse "the npm registry has no package $what" "correct its name in $(config), or where it is imported"
  what=$(found "Could not find npm package '[^']+' matching '[^']+'" | sed -E "s/.*'([^']+)' matching '([^']+)'/\1@\2/")
  [[ -z $what ]] || refuse "no version of $what exists" "choose another version in $(config), or where it is imported"
  what=$(found '(Integrity check failed|Tarball checksum did not match).*')
  [[ -z $what ]] || refuse "$what" "find out why it changed; then deno install --reload && git add deno.lock, commit, and push again"
  what=$(found 'Module not found "file://[^"]+"' | sed -E 's#.*file://([^"]+)"#\1#')
  [[ -z $what ]] || refuse "${what#"$PWD"/} does not exist, and $(place) imports it" "commit it, or correct the import"
  what=$(found 'SyntaxError: .*|The module.s source code could not be parsed: .*')
  [[ -z $what ]] || refuse "$(place): ${what#*: }" "make deno check ${entry:-.} work on your machine, then push again"
}

place() { found 'at file://[^ ]+' | sed -E "s#at file://##; s#^$PWD/##; s#:[0-9]+\$##"; }

# explain_deno COMMAND EXIT-CODE
explain_deno() {
  if [[ $1 == task ]]; then
    refuse "the task build failed with exit code $2" "make deno task build work on your machine, then push again"
  fi
  explain_modules
  explain_network
  refuse "deno $1 failed with exit code $2" "make deno $1 work on your machine, then push again"
}

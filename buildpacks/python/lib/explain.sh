# Turns what the tools printed into cause and next step.

found() { grep -m1 -oE "$1" "$scratch/tool.log" || true; }

network='Failed to establish a new connection|NewConnectionError|NameResolutionError|Name or service not known|Temporary failure in name resolution|Connection refused|ConnectTimeoutError|Read timed out|timed out|CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate|dns error|tcp connect error|Network is unreachable|ProxyError|Cannot connect to proxy|All attempts to connect to'

explain_network() {
  local line host
  line=$(grep -m1 -E "$network" "$scratch/tool.log" || true)
  [[ -n $line ]] || return 0
  host=$(grep -oE "host='[^']+'|https?://[^/ '\`\")]+|attempts to connect to [A-Za-z0-9.-]+" <<<"$line" | head -1 | sed -E "s/^host='//; s/'$//; s#^https?://##; s#^[^/@]*@##; s/^attempts to connect to //")
  [[ -n $host ]] || host=$(found 'https?://[^/ ]+' | sed -E 's#^https?://([^/@]*@)?##')
  refuse "${host:-the package index} did not answer" "look at the server's network, proxy and CA settings, then push again"
}

# The name without version and extras.
bare() { sed -E 's/[][<>=!~;, (].*//' <<<"$1"; }

explain_login() {
  refuse_login_of "${WIDEMESH_PYPI_MIRROR-}" WIDEMESH_PYPI_MIRROR '401 (Error|Client Error|Unauthorized)' "$scratch/tool.log"
}

# Who has the packages, for people.
index_name() {
  if [[ -n ${WIDEMESH_PYPI_MIRROR-} ]]; then
    printf "the operator's mirror %s" "$(host_of "$WIDEMESH_PYPI_MIRROR")"
  else
    printf PyPI
  fi
}

explain_missing() {
  local wanted versions
  wanted=$(found 'No matching distribution found for [^ ]+' | awk '{ print $NF }')
  [[ -n $wanted ]] || wanted=$(found 'Could not find a version that satisfies the requirement [^ ]+' | awk '{ print $NF }')
  if [[ -n $wanted ]]; then
    versions=$(found '\(from versions: [^)]*\)' | sed -E 's/^\(from versions: //; s/\)$//')
    if [[ -z $versions || $versions == none ]]; then
      explain_other_python "$(bare "$wanted")"
      refuse "$(index_name) has no package $(bare "$wanted")" "correct its name in $source; a private index is named there with --extra-index-url"
    fi
    explain_other_python "$(bare "$wanted")"
    refuse "no version of $(bare "$wanted") fits $wanted (the newest are $(sed -E 's/.*, (([^,]+, ){2}[^,]+)$/\1/' <<<"$versions"))" \
      "choose another version of it in $source"
  fi
}

# Versions that there are, but not for this Python.
explain_other_python() {
  local ignored
  ignored=$(found 'Ignored the following versions that require a different python version: .*')
  [[ -n $ignored ]] || return 0
  refuse "$1 is not to be had for Python $python in the version that is wanted" "choose another version of it in $source: pip index versions $1 lists them"
}

explain_build() {
  local what
  what=$(found "(Failed building wheel for|Failed to build|Could not build wheels for|Building wheel for) ['\`]?[A-Za-z0-9_.-]+" | awk '{ print $NF }' | tr -d "'\`")
  if [[ -z $what || $what == installable ]]; then what=$(found '╰─> [A-Za-z0-9_.-]+$' | awk '{ print $NF }'); fi
  if grep -qE 'pg_config executable not found' "$scratch/tool.log"; then
    refuse "psycopg2 needs PostgreSQL's headers to be built" "use psycopg2-binary instead, or psycopg[binary]"
  fi
  if grep -qE 'metadata-generation-failed|Failed building wheel|Failed to build|failed-wheel-build|build backend returned an error' "$scratch/tool.log"; then
    local header
    header=$(found "fatal error: [^ ]+: No such file" | awk '{ print $3 }' | tr -d :)
    refuse "${what:-a dependency} cannot be built${header:+ (it wants $header)}" \
      "choose a version of it for which $(index_name) has a wheel for Python $python, then push again"
  fi
}

explain_pip() {
  local line
  if grep -q 'DO NOT MATCH THE HASHES' "$scratch/tool.log"; then
    refuse "$(found '[A-Za-z0-9_.-]+==[^ ]+ from' | awk '{ print $1 }') is not what $source has the hash of" \
      "make the hashes anew (pip-compile --generate-hashes), then push again"
  fi
  if grep -q 'In --require-hashes mode' "$scratch/tool.log"; then
    refuse "some requirements have hashes and some have none" "make the hashes of all (pip-compile --generate-hashes), then push again"
  fi
  line=$(found '(Invalid requirement|Could not open requirements file|Directory .* is not installable|is not a valid editable requirement).*')
  [[ -z $line ]] || refuse "$source is not right: $(cut -c1-160 <<<"$line")" "correct $source"
  if grep -q 'ResolutionImpossible' "$scratch/tool.log"; then
    refuse "the dependencies contradict each other" "make pip install -r $source work on your machine, then push again"
  fi
}

explain_lock() {
  if grep -qE 'needs to be updated|network was disabled' "$scratch/tool.log"; then
    refuse "$source is out of step with ${files[0]}" "uv lock && git add $source && git commit --amend --no-edit, then push again"
  fi
}

# explain TOOL EXIT-CODE
explain() {
  source=${source:-requirements.txt}
  explain_network
  explain_login
  explain_lock
  explain_missing
  explain_build
  explain_pip
  refuse "$1 failed with exit code $2" "make it work on your machine with Python $python, then push again"
}

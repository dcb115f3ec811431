# Installs Deno, which is one program, into the layer `deno`.

provide_deno() {
  local is="deno = \"$deno $package\"" integrity
  if [[ -x $layers/deno/bin/deno ]] && was_made_for deno "$is"; then
    step "Deno $deno (reused)"
  else
    step "Installing Deno $deno"
    integrity=$(awk -v v="$deno" -v c="$pin_column" '$1 == v { print $c }' "$pins")
    fetch_package "$package" "$deno" "${integrity:-$(integrity_of "$package" "$deno")}" "$scratch/deno.tgz"
    rm -rf "${layers:?}/deno"
    mkdir -p "$layers/deno/bin" "$layers/deno/env.launch"
    tar -xzf "$scratch/deno.tgz" -C "$layers/deno/bin" --strip-components 1 --no-same-owner package/deno
    chmod 755 "$layers/deno/bin/deno"
    printf 1 >"$layers/deno/env.launch/DENO_NO_UPDATE_CHECK.default"
    printf production >"$layers/deno/env.launch/NODE_ENV.default"
    printf '%s' "$layers/modules" >"$layers/deno/env.launch/DENO_DIR.default"
    detail "from $(registry_name)"
  fi
  layer_toml deno true true "$is"
  export PATH=$layers/deno/bin:$PATH DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 DENO_NO_PROMPT=1
  if [[ -n ${SSL_CERT_FILE-} ]]; then export DENO_CERT=$SSL_CERT_FILE; fi
}

# run_deno ARGUMENTS...: what it says is shown, and explained should it fail.
run_deno() {
  local code=0
  deno "$@" </dev/null 2>&1 | tee "$scratch/deno.log" | quieter | indented || code=$?
  ((code == 0)) || explain_deno "$1" "$code"
}

# Of hundreds of files the number is enough; traces of Deno's own are of no use here.
quieter() { sed -uE '/^(Download|Initialize) /d; /^Stack backtrace:$/d; /^ +[0-9]+: <unknown>$/d; /^$/d'; }

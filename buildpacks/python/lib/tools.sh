# Tools from PyPI, pinned: pip by its wheel, others with pip, by the hashes in the folder `tools`.

pip_version=26.3
pip_wheel=https://files.pythonhosted.org/packages/07/25/ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/pip-26.3-py3-none-any.whl
pip_sha256=f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13

provide_pip() {
  local is="key = \"pip $pip_version\""
  if ! was_made_for pip "$is"; then
    fetch_checked "$pip_wheel" "$pip_sha256" "$scratch/pip.whl" || cannot_fetch "$pip_wheel"
    rm -rf "${layers:?}/pip"
    unzip -q "$scratch/pip.whl" -d "$layers/pip"
  fi
  layer_toml pip false false "$is"
  mkdir -p "$layers/cache"
  printf '[types]\ncache = true\n' >"$layers/cache.toml"
  export PIP_CACHE_DIR=$layers/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_PROGRESS_BAR=off PIP_RETRIES=2 NO_COLOR=1
}

# pip_in ENVIRONMENT ARGUMENTS...
pip_in() {
  local environment=$1
  shift
  "$environment/bin/python" "$layers/pip/pip" "$@"
}

new_environment() {
  rm -rf "$1"
  python3 -IB -m venv --without-pip "$1"
}

# provide_tool NAME: into a layer of that name, an environment of its own.
provide_tool() {
  local pinned=$CNB_BUILDPACK_DIR/tools/$1.txt is version
  version=$(sed -nE "s/^$1==([^ ]+).*/\1/p" "$pinned")
  is="key = \"$1 $version $(cat "$layers/python.toml" "$pinned" | sha256sum | cut -c1-16)\""
  if was_made_for "$1" "$is"; then
    step "$1 $version (reused)"
  else
    step "Installing $1 $version"
    new_environment "$layers/$1"
    run_tool pip pip_in "$layers/$1" install --quiet --no-deps --require-hashes --only-binary :all: -r "$pinned"
  fi
  layer_toml "$1" false false "$is"
  tool_version=$version
}

# run_tool NAME COMMAND...: what it says is shown, and explained should it fail.
run_tool() {
  local name=$1 code=0
  shift
  "$@" </dev/null 2>&1 | tee "$scratch/tool.log" | quieter | indented || code=$?
  ((code == 0)) || explain "$name" "$code"
}

# What is of no use here.
quieter() {
  sed -uE 's# \(from .*-r /tmp/.*##; /^ *(Downloading|Using cached|Obtaining dependency information|Installing collected packages|Preparing metadata|Getting requirements to build|Installing build dependencies)/d; /^\[notice\]/d; /^ *━/d'
}

# Tools from PyPI, pinned: pip by its wheel, others with pip, by the hashes in the folder `tools`.

pip_version=26.3
pip_file=pip-$pip_version-py3-none-any.whl
pip_wheel=https://files.pythonhosted.org/packages/07/25/ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/$pip_file
pip_sha256=f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13

# Of a URL: scheme, host and port.
origin_of() { sed -E 's#^([a-z]+://)([^/@]*@)?([^/]+).*#\1\3#' <<<"$1"; }

# on_page FILE NAME URL: where the page from this URL says that the file of that name is. The login in the URL is for the
# same place alone.
on_page() {
  local href
  href=$(grep -oiE "href *= *[\"'][^\"']+" "$1" | sed -E "s/^[^\"']*[\"']//; s/#.*//; s/&amp;/\&/g" |
    grep -E "(^|/)${2//./\\.}(\?|\$)" | head -1) || return 1
  case $href in
    //*) href=${3%%:*}:$href ;;
    /*) href=$(origin_of "$3")$href ;;
  esac
  case $href in
    http://* | https://*)
      if [[ $(origin_of "$href") == "$(origin_of "$3")" ]]; then href=$(grep -oE '^[a-z]+://([^/@]*@)?' <<<"$3")${href#*://}; fi
      ;;
    *) href=$3$href ;;
  esac
  printf '%s' "$href"
}

# The operator's mirror is an index as pip takes it: a page for each project.
fetch_pip() {
  local page=${WIDEMESH_PYPI_MIRROR-}
  if [[ -n $page ]]; then
    page=${page%/}/pip/
    fetch "$page" "$scratch/pip.html" || cannot_fetch "$page"
    pip_wheel=$(on_page "$scratch/pip.html" "$pip_file" "$page") ||
      refuse "the operator's mirror $(host_of "$page") has no $pip_file" "let the operator look at WIDEMESH_PYPI_MIRROR"
  fi
  fetch_checked "$pip_wheel" "$pip_sha256" "$scratch/pip.whl" || cannot_fetch "$pip_wheel"
}

provide_pip() {
  local is="key = \"pip $pip_version\""
  if ! was_made_for pip "$is"; then
    fetch_pip
    rm -rf "${layers:?}/pip"
    unzip -q "$scratch/pip.whl" -d "$layers/pip"
  fi
  layer_toml pip false false "$is"
  mkdir -p "$layers/cache"
  printf '[types]\ncache = true\n' >"$layers/cache.toml"
  export PIP_CACHE_DIR=$layers/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_PROGRESS_BAR=off PIP_RETRIES=2 NO_COLOR=1
  if [[ -n ${WIDEMESH_PYPI_MIRROR-} ]]; then export PIP_INDEX_URL=$WIDEMESH_PYPI_MIRROR; fi
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
  sed -uE 's# \(from .*-r /tmp/.*##; /^ *(Downloading|Using cached|Obtaining dependency information|Installing collected packages|Preparing metadata|Getting requirements to build|Installing build dependencies)/d; /^\[notice\]/d; /^Looking in indexes:/d; /^ *━/d'
}

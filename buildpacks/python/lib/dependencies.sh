# The dependencies, in an environment (`venv`) that is a layer of its own: a change of the app's own
# files moves none of them.

venv=$layers/venv

read_project() {
  local said
  said=$(PYTHONPATH=$layers/pip python3 -B "$CNB_BUILDPACK_DIR/lib/project.py" "$scratch/project.txt" \
    "$(python3 -IB -c 'import platform; print(platform.python_version())')" 2>"$scratch/project") ||
    refuse "$(tail -1 "$scratch/project")" "correct it, then push again"
  eval "$said"
  $python_fits || no_such_python "$wanted_python" "$wanted_by" "widen $wanted_by so that it takes in $(can | tail -1)"
}

# requirement_files FILE: it and those that it includes.
requirement_files() {
  local file=$1 included
  [[ -f $file && " ${seen[*]-} " != *" $file "* ]] || return 0
  seen+=("$file")
  printf '%s\n' "$file"
  while read -r included || [[ -n $included ]]; do
    if [[ $file == */* ]]; then included=${file%/*}/$included; fi
    requirement_files "$included"
  done < <(sed -nE 's/^[[:space:]]*(-r|-c|--requirement|--constraint)[ =]*([^[:space:]#]+).*/\2/p' "$file")
}

# `source` is what decides on the dependencies, `files` all that it consists of.
choose_source() {
  local each others=()
  seen=() files=()
  source=none
  for each in Pipfile.lock poetry.lock uv.lock requirements.txt; do
    if [[ -f $each ]]; then
      [[ $source == none ]] || others+=("$source")
      source=$each
    fi
  done
  for each in "${others[@]}"; do detail "$each is not used: $source comes first"; done
  case $source in
    requirements.txt) mapfile -t files < <(requirement_files requirements.txt) ;;
    Pipfile.lock) files=(Pipfile Pipfile.lock) ;;
    none) choose_without_lock ;;
    *) files=(pyproject.toml "$source") ;;
  esac
}

choose_without_lock() {
  if [[ -f Pipfile ]]; then
    refuse "there is a Pipfile, but no Pipfile.lock" "pipenv lock && git add Pipfile.lock && git commit --amend --no-edit, then push again"
  elif $has_poetry && ! $has_project; then
    refuse "pyproject.toml is Poetry's, but there is no poetry.lock" "poetry lock && git add poetry.lock && git commit --amend --no-edit, then push again"
  elif $has_uv_sources; then
    refuse "pyproject.toml says where uv gets packages from, but there is no uv.lock" "uv lock && git add uv.lock && git commit --amend --no-edit, then push again"
  elif $has_project && ! $has_dynamic; then
    source=pyproject.toml files=(pyproject.toml)
  elif $has_project || [[ -f setup.py ]]; then
    source=. files=()
  fi
}

# names_files LINES: whether any of these requirements is a file or folder, which may be the app's. pip
# takes for one what has a slash or begins with a dot, and a file that is there.
names_files() {
  local line words word
  while read -r line || [[ -n $line ]]; do
    case $line in
      -r* | -c* | --requirement* | --constraint*) continue ;;
      -e* | --editable* | *file:*) return ;;
      -f* | --find-links* | -i* | --index-url* | --extra-index-url*) [[ $line == *://* ]] || return 0 ;;
    esac
    read -ra words <<<"${line%%;*}"
    for word in "${words[@]}"; do
      if [[ $word == .* || -f ${word%%[*} || ($word == */* && $word != *://*) ]]; then return; fi
    done
  done < <(sed -E 's/(^|[[:space:]])#.*//' "$@")
  return 1
}

# Where requirements are files or folders of the app any of its files may count.
installs_the_app() {
  case $source in
    .) true ;;
    requirements.txt) names_files "${files[@]}" ;;
    pyproject.toml) names_files "$scratch/project.txt" ;;
    uv.lock) sed -E '/registry = "https?:/d' uv.lock | grep -E '\{ (directory|editable|path|registry) = "([^".]|\.[^"])' >/dev/null ;;
    poetry.lock) grep -qE '^type = "(directory|file)"' poetry.lock ;;
    Pipfile.lock) grep -qE '"(path|file)":' Pipfile.lock ;;
    *) false ;;
  esac
}

app_files() {
  find . -name .git -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  find . -name .git -prune -o -type l -printf '%p %l\n' | LC_ALL=C sort
}

dependencies_key() {
  {
    printf '%s\n' "$source" "$pip_version" "$tool_version"
    cat "$layers/python.toml"
    declare -f install install_locked sync_uv add_project put_app_on_path write_bytecode
    cat "$CNB_BUILDPACK_DIR"/lib/{locked,itself}.py
    if installs_the_app; then
      app_files
    else
      for file in "${files[@]}"; do sha256sum "$file" || true; done
      cat uv.toml || true
    fi
  } 2>/dev/null | sha256sum | cut -d' ' -f1
}

# What pins nothing gets other versions one day.
warn_of_open_versions() {
  local open
  open=$({ grep -hvE '^[[:space:]]*(#|-|$)|==|@|--hash' "${files[@]}" || true; } | wc -l)
  if ((open > 0)); then
    detail "$open of the requirements have no exact version: with 'pip freeze > requirements.txt' every build gets the same"
  fi
}

# Builds of the app itself leave folders beside it, which a build that reuses the layer would not have.
without_traces() {
  find . -path ./.git -prune -o -print | LC_ALL=C sort >"$scratch/before"
  "$@"
  find . -path ./.git -prune -o -print | LC_ALL=C sort | LC_ALL=C comm -13 "$scratch/before" - | tr '\n' '\0' | xargs -0 -r rm -rf
}

# Locks of Poetry and Pipenv are installed with pip: what they lock is complete.
install_locked() {
  local file lock="poetry lock"
  [[ $source == poetry.lock ]] || lock="pipenv lock"
  PYTHONPATH=$layers/pip python3 -B "$CNB_BUILDPACK_DIR/lib/locked.py" "$source" "$scratch/hashed.txt" "$scratch/unhashed.txt" 2>"$scratch/locked" || {
    if grep -q 'before Poetry 2' "$scratch/locked"; then lock="pipx upgrade poetry && poetry lock"; fi
    refuse "$(tail -1 "$scratch/locked" | cut -c1-200)" \
      "$lock && git add $source && git commit --amend --no-edit, then push again"
  }
  for file in hashed unhashed; do
    if [[ -s $scratch/$file.txt ]]; then
      run_tool pip pip_in "$venv" install --no-compile --no-deps -r "$scratch/$file.txt"
    fi
  done
}

run_uv() {
  UV_CACHE_DIR=$layers/cache/uv UV_PROJECT_ENVIRONMENT=$venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_PROGRESS=1 \
    UV_PYTHON=$venv/bin/python run_tool uv "$layers/uv/bin/uv" "$@"
}

all_of_pypi() { ! grep -oE 'registry = "https?://[^"]+"' uv.lock | grep -v '"https://pypi.org/simple"' >"$scratch/indexes"; }

say_index() {
  if [[ -z ${WIDEMESH_PYPI_MIRROR-} ]]; then return; fi
  if [[ $source == uv.lock ]] && ! all_of_pypi; then
    detail "uv.lock names other indexes than PyPI: each file comes from where it says, none from the operator's mirror"
  else
    detail "from $(index_name), but where $source names another index"
  fi
}

# export_lock HOW FILE: HOW is --locked, where whether the lock fits is seen without asking anybody, or --frozen.
export_lock() { run_uv export --quiet --offline "$1" --no-dev --no-emit-project --no-header --output-file "$2"; }

# Where a mirror stands for PyPI, by name and hash: uv.lock names PyPI's own files, and uv would ask for no others.
sync_uv() {
  if [[ -z ${WIDEMESH_PYPI_MIRROR-} ]] || ! all_of_pypi; then
    detail "uv sync --locked --no-dev"
    run_uv sync --locked --no-dev --no-install-project --no-compile-bytecode
    return
  fi
  detail "uv pip install, as locked in uv.lock"
  if $has_dynamic; then
    detail "whether it fits ${files[0]} is not looked at: the dependencies there are dynamic"
    export_lock --frozen "$scratch/locked.txt"
  else
    export_lock --locked "$scratch/locked.txt"
  fi
  UV_DEFAULT_INDEX=$WIDEMESH_PYPI_MIRROR run_uv pip install --no-deps --no-compile-bytecode -r "$scratch/locked.txt"
}

# Programs find the app's modules wherever they stand themselves. Last on the path: a types.py of the app's is not Python's.
put_app_on_path() { printf '%s\n' "$PWD" >"$venv/lib/python$python/site-packages/the_app.pth"; }

# Neither uv.lock nor poetry.lock has the project itself. Of it an environment needs what pyproject.toml says; where its
# code is, it stays: a change there is no other environment.
add_project() {
  case $source in
    uv.lock | poetry.lock | pyproject.toml) $is_package || return 0 ;;
    *) return 0 ;;
  esac
  "$venv/bin/python" -IB "$CNB_BUILDPACK_DIR/lib/itself.py" >"$scratch/itself" 2>&1 ||
    refuse "$(tail -1 "$scratch/itself" | cut -c1-200)" "correct it, then push again"
  indented <"$scratch/itself"
}

# Into the new environment.
install() {
  export VIRTUAL_ENV=$venv
  case $source in
    requirements.txt)
      detail "pip install -r requirements.txt"
      warn_of_open_versions
      run_tool pip pip_in "$venv" install --no-compile -r requirements.txt
      ;;
    uv.lock) sync_uv ;;
    poetry.lock | Pipfile.lock)
      detail "pip install, as locked in $source"
      install_locked
      ;;
    pyproject.toml)
      detail "pip install (the dependencies in pyproject.toml; with a lock, e.g. of uv, every build gets the same)"
      run_tool pip pip_in "$venv" install --no-compile -r "$scratch/project.txt"
      ;;
    .)
      detail "pip install ."
      run_tool pip pip_in "$venv" install --no-compile .
      ;;
    none) detail "no dependencies (no requirements.txt)" ;;
  esac
  unset VIRTUAL_ENV
}

provide_dependencies() {
  local is
  tool_version=""
  choose_source
  if [[ $source == uv.lock ]]; then provide_tool uv; fi
  is="key = \"$(dependencies_key)\""
  if was_made_for venv "$is"; then
    step "Dependencies unchanged (reused)"
  else
    step "Installing the dependencies"
    say_index
    new_environment "$venv"
    without_traces install
    add_project
    put_app_on_path
    write_bytecode "$venv/lib"
    mkdir -p "$venv/env.launch"
    printf '%s' "$venv" >"$venv/env.launch/VIRTUAL_ENV.default"
  fi
  layer_toml venv true true "$is"
  export PATH=$venv/bin:$PATH
}

# has MODULE, has_program NAME: among the dependencies.
has() { [[ -e $venv/lib/python$python/site-packages/$1 || -e $venv/lib/python$python/site-packages/$1.py ]]; }
has_program() { [[ -x $venv/bin/$1 ]]; }

# How one adds a package, in the words of whoever manages this app's.
adding() {
  case $source in
    uv.lock) printf 'uv add %s' "$1" ;;
    poetry.lock) printf 'poetry add %s' "$1" ;;
    Pipfile.lock) printf 'pipenv install %s' "$1" ;;
    pyproject.toml) printf 'add %s to the dependencies in pyproject.toml' "$1" ;;
    *) printf 'add a line "%s" to requirements.txt' "$1" ;;
  esac
}

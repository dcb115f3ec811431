# The web process, unless a Procfile names the processes.

# For words without quotes and backslashes, as all of ours are.
as_toml() {
  local words
  printf -v words '"%s", ' "$@"
  printf '[%s]' "${words%, }"
}

# Files in which the app may stand, the usual names first; those in `src` as if they stood at the top.
likely_files() {
  local folder name
  for folder in . ${source_folder:+"$source_folder"}; do
    (
      cd "$folder" || exit
      for name in main app application wsgi asgi api server run index; do printf '%s\n' "$name.py"; done
      printf '%s\n' */{main,app,application,wsgi,asgi,api,server,__init__}.py
    ) | while IFS= read -r name; do
      if [[ -f $folder/$name && $name =~ ^[A-Za-z0-9_/]+\.py$ ]]; then printf '%s\n' "$folder/$name"; fi
    done
  done
}

module_of() {
  local name=${1#./}
  name=${name#"${source_folder:-.}"/} name=${name%.py} name=${name%/__init__}
  printf '%s' "${name//\//.}"
}

# find_app CLASSES: sets `app` to module:variable of what is made of one of these classes.
find_app() {
  local file variable
  while IFS= read -r file; do
    variable=$(grep -m1 -oE "^[A-Za-z_][A-Za-z0-9_]*( *:[^=]+)? *= *([A-Za-z_.]+\.)?($1)\(" "$file" | grep -oE '^[A-Za-z0-9_]+' || true)
    if [[ -n $variable ]]; then
      app=$(module_of "$file"):$variable
      return
    fi
  done < <(likely_files)
  return 1
}

# What a function makes; or what a file for servers imports.
find_factory() {
  local file
  while IFS= read -r file; do
    if [[ $file == */wsgi.py ]] && grep -qE '\b(app|application)\b' "$file"; then
      app=$(module_of "$file"):$(grep -oE '\b(application|app)\b' "$file" | tail -1)
      return
    fi
    if grep -qE '^def (create_app|make_app)\(' "$file"; then
      app="$(module_of "$file"):$(grep -oE '^def (create_app|make_app)' "$file" | head -1 | cut -c5-)()"
      return
    fi
  done < <(likely_files)
  return 1
}

with_port() { command=(/bin/bash -c "exec $1 --host 0.0.0.0 --port \${PORT:-8080}"); }

# refuse_server WHAT SERVER
refuse_server() {
  [[ ! -f Procfile ]] || return 1
  refuse "this is a $1 app, and no server for it is among the dependencies" "$(adding "$2")"
}

# gunicorn listens on 0.0.0.0:$PORT by itself.
start_django() {
  local module folder=()
  [[ -n $django && -n $settings ]] || return 1
  because="Django, $settings"
  if module=$(django_module wsgi) && has_program gunicorn; then
    if [[ $django != . ]]; then folder=(--chdir "$django"); fi
    command=(gunicorn "${folder[@]}" "$module:application")
  elif module=$(django_module asgi) && has_program uvicorn; then
    if [[ $django != . ]]; then folder=(--app-dir "$django"); fi
    with_port "uvicorn ${folder[*]} $module:application"
  elif ! django_module wsgi >"$scratch/module" && ! django_module asgi >"$scratch/module"; then
    return 1
  else
    refuse_server Django gunicorn
  fi
}

start_asgi() {
  { has fastapi || has starlette || has litestar || has quart; } && find_app 'FastAPI|Starlette|Litestar|Quart' || return 1
  because="$app"
  if has_program uvicorn; then
    with_port "uvicorn $app"
  elif has_program hypercorn; then
    command=(/bin/bash -c "exec hypercorn --bind 0.0.0.0:\${PORT:-8080} $app")
  else
    refuse_server FastAPI uvicorn
  fi
}

start_flask() {
  has flask && { find_app Flask || find_factory; } || return 1
  because="$app"
  if has_program gunicorn; then
    command=(gunicorn "$app")
  elif has_program waitress-serve; then
    command=(/bin/bash -c "exec waitress-serve --listen=0.0.0.0:\${PORT:-8080} '$app'")
  else
    refuse_server Flask gunicorn
  fi
}

start_file() {
  local file
  for file in main.py app.py; do
    if [[ -f $file ]]; then
      command=(python "$file") because=$file
      return
    fi
  done
  return 1
}

find_source_folder() {
  source_folder=""
  [[ -d src && ! -f src/__init__.py ]] || return 0
  source_folder=src
  mkdir -p "$layers/path/env.launch"
  printf '%s' "$PWD/src" >"$layers/path/env.launch/PYTHONPATH.prepend"
  printf : >"$layers/path/env.launch/PYTHONPATH.delim"
  printf '[types]\nlaunch = true\n' >"$layers/path.toml"
}

declare_process() {
  if start_django || start_asgi || start_flask || start_file; then
    [[ -f Procfile ]] || detail "Start: ${command[*]} ($because; a Procfile overrides it)"
    printf '[[processes]]\ntype = "web"\ncommand = %s\ndefault = true\n' "$(as_toml "${command[@]}")" >"$layers/launch.toml"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts" \
      'add a main.py or app.py, or a Procfile with "web: <command>"; Django, FastAPI and Flask start by themselves'
  fi
  if [[ -f package.json ]]; then detail "package.json is not built: commit what its build makes"; fi
}

# Django's settings and static files may be anywhere, and so may what hooks look into, and what is installed from the
# app itself. Of files in which an app may stand the lines count that say so.
declare_reads() {
  local file name
  local apps=$'\tFlask(\tFastAPI(\tStarlette(\tLitestar(\tQuart(\tdef create_app(\tdef make_app('
  local all=(requirements.txt constraints.txt pyproject.toml uv.lock uv.toml poetry.lock Pipfile Pipfile.lock setup.py setup.cfg
    runtime.txt .python-version .tool-versions Procfile manage.py wsgi.py)
  if [[ -n $django ]] || has_hooks || installs_the_app; then return 0; fi
  for file in "${files[@]}"; do
    if [[ ! $file =~ ^[A-Za-z0-9_./@+-]+$ || $file == *..* ]]; then return 0; fi
    all+=("/$file")
  done
  for name in main app application asgi api server run index __init__; do all+=("$name.py$apps"); done
  reads "${all[@]}"
}

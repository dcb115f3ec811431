# Django: where it is, and its static files. `django` is the folder of manage.py, empty without one, `settings` the
# module of its settings, empty where nothing names one.

find_django() {
  local file
  django="" settings=""
  has django || return 0
  for file in manage.py */manage.py; do
    if [[ -f $file ]]; then
      django=$(dirname "$file")
      find_settings
      return
    fi
  done
}

# What servers load counts, as that is what serves the static files: manage.py may name settings for developers.
find_settings() {
  local file manage because=BP_DJANGO_SETTINGS_MODULE
  settings=${BP_DJANGO_SETTINGS_MODULE-}
  manage=$(settings_in "$django/manage.py")
  while [[ -z $settings ]] && read -r file; do
    settings=$(settings_in "$file") because=${file#./}
  done < <(settings_files)
  if [[ -n $settings ]]; then
    detail "Django: $settings ($because)"
  else
    detail "Django: neither a wsgi.py nor manage.py names the settings; BP_DJANGO_SETTINGS_MODULE can"
  fi
}

settings_files() {
  local folder
  for folder in "$django" ${source_folder:+"$source_folder"}; do
    printf '%s\n' "$folder/${manage%%.*}"/{wsgi,asgi}.py "$folder"/*/{wsgi,asgi}.py
  done
  printf '%s\n' "$django/manage.py"
}

# settings_in FILE: what is set there, as DJANGO_SETTINGS_MODULE", "... or DJANGO_SETTINGS_MODULE"] = "..., be it in several lines.
settings_in() {
  [[ -f $1 ]] || return 0
  { sed -E '/^[[:space:]]*#/d' "$1" | tr -s '[:space:]' ' ' |
    grep -oE "DJANGO_SETTINGS_MODULE['\"] ?(,|\] ?=) ?['\"][A-Za-z0-9_.]+" || true; } | sed -E "1!d; s/.*['\"]//"
}

# in_django COMMAND...: beside manage.py.
in_django() {
  local path=${source_folder:+$PWD/$source_folder}
  (cd "$django" && DJANGO_SETTINGS_MODULE=$settings PYTHONPATH=$path "$@") </dev/null
}

static_root() {
  in_django timeout -k 5 60 python3 -c '
import sys
sys.path.insert(0, "")
from django.conf import settings
print(settings.STATIC_ROOT or "" if "django.contrib.staticfiles" in settings.INSTALLED_APPS else "")
' 2>"$scratch/tool.log" | tail -1
}

refuse_static() {
  local problem variable
  indented <"$scratch/tool.log"
  problem=$(grep -E '^[A-Za-z_.]+(Error|Exception|Configured|NotFound|Exit)\b' "$scratch/tool.log" | tail -1 | cut -c1-160)
  variable=$(sed -nE "s/^KeyError: '([A-Z][A-Z0-9_]*)'$/\1/p" <<<"$problem")
  if [[ -n $variable ]]; then
    refuse "the settings of Django want $variable, and a build does not get the configuration" \
      "give it a value for builds: os.environ.get(\"$variable\", ...); or name other settings (BP_DJANGO_SETTINGS_MODULE); or leave collectstatic out: mesh stack config set BP_COLLECTSTATIC=false"
  fi
  refuse "$1${problem:+: $problem}" \
    "make manage.py collectstatic work without the configuration, or leave it out: mesh stack config set BP_COLLECTSTATIC=false"
}

collect_static() {
  local root code=0
  find_django
  [[ -n $django && -n $settings && ${BP_COLLECTSTATIC:-true} != false ]] || return 0
  root=$(static_root) || refuse_static "the settings of Django ($settings) cannot be read"
  if [[ -z $root ]]; then
    detail "no STATIC_ROOT in $settings: collectstatic is left out"
    return
  fi
  step "manage.py collectstatic"
  in_django python3 manage.py collectstatic --noinput --traceback >"$scratch/tool.log" 2>&1 || code=$?
  ((code == 0)) || refuse_static "manage.py collectstatic failed"
  indented < <(tail -1 "$scratch/tool.log")
}

# The module of Django's application for servers, `wsgi` or `asgi`: beside the settings, or above them.
django_module() {
  local package=${settings%.*} folder
  while [[ $settings == *.* && -n $package ]]; do
    for folder in "$django" ${source_folder:+"$source_folder"}; do
      if [[ -f $folder/${package//.//}/$1.py ]]; then
        printf '%s.%s' "$package" "$1"
        return
      fi
    done
    [[ $package == *.* ]] || break
    package=${package%.*}
  done
  return 1
}

# Django: where it is, and its static files. `django` is the folder of manage.py, empty without one.

find_django() {
  local file
  django="" settings=""
  has django || return 0
  for file in manage.py */manage.py; do
    if [[ -f $file ]]; then
      django=$(dirname "$file")
      settings=$(grep -oE "DJANGO_SETTINGS_MODULE['\"] *, *['\"][A-Za-z0-9_.]+" "$file" | head -1 | sed -E "s/.*['\"]//")
      return
    fi
  done
}

static_root() {
  (cd "$django" && timeout -k 5 60 env DJANGO_SETTINGS_MODULE="$settings" python3 -c '
import sys
sys.path.insert(0, "")
from django.conf import settings
print(settings.STATIC_ROOT or "" if "django.contrib.staticfiles" in settings.INSTALLED_APPS else "")
') </dev/null 2>"$scratch/tool.log" | tail -1
}

refuse_static() {
  local problem variable
  indented <"$scratch/tool.log"
  problem=$(grep -E '^[A-Za-z_.]+(Error|Exception|Configured|NotFound|Exit)\b' "$scratch/tool.log" | tail -1 | cut -c1-160)
  variable=$(sed -nE "s/^KeyError: '([A-Z][A-Z0-9_]*)'$/\1/p" <<<"$problem")
  if [[ -n $variable ]]; then
    refuse "the settings of Django want $variable, and a build does not get the configuration" \
      "give it a value for builds: os.environ.get(\"$variable\", ...); or leave collectstatic out: mesh stack config set BP_COLLECTSTATIC=false"
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
  (cd "$django" && python3 manage.py collectstatic --noinput --traceback) </dev/null >"$scratch/tool.log" 2>&1 || code=$?
  ((code == 0)) || refuse_static "manage.py collectstatic failed"
  indented < <(tail -1 "$scratch/tool.log")
}

# The module of Django's application for servers, `wsgi` or `asgi`: beside the settings, or above them.
django_module() {
  local package=${settings%.*}
  while [[ $settings == *.* && -n $package ]]; do
    if [[ -f $django/${package//.//}/$1.py ]]; then
      printf '%s.%s' "$package" "$1"
      return
    fi
    [[ $package == *.* ]] || break
    package=${package%.*}
  done
  return 1
}

# Which PHP: `php` is one that php.tsv has, `full` with its patch; `because` says who chose it.

can() { awk '/^[0-9]/ { print $1 }' "$pins" | sort -uV; }

full() { awk -v v="$1" '$1 == v && $2 ~ /-cli$/ { print $3; exit }' "$pins" | sed -E 's/^[^_]*_([0-9.]+)-.*/\1/'; }

# Composer's ranges as npm writes them: ~8.2 reaches to 9, and both "," and "|" stand for themselves.
as_npm() { sed -E 's/\|+/ || /g; s/,/ /g; s/~([0-9]+\.[0-9]+)([^0-9.]|$)/^\1\2/g; s/@[a-z]+//g; s/\.\*/.x/g' <<<"$1"; }

fits() { [[ -n $(jq -nRr --arg range "$(as_npm "$1")" --arg prefer "" -f "$CNB_BUILDPACK_DIR/lib/semver.jq" <<<"$2") ]]; }

choose_version() {
  local asked=$wanted
  php=$(can | tail -1)
  because="the one that Debian 13 has; choose another with a Dockerfile"
  if [[ -n $platform ]]; then asked=$platform because="config.platform.php in composer.json is $platform"; fi
  if [[ $asked =~ ^[0-9]+(\.[0-9]+)*$ ]]; then asked="^$asked"; fi
  [[ -n $asked ]] || return 0
  if [[ $because != config* ]]; then because="require.php in composer.json is $wanted"; fi
  fits "$asked" "$(full "$php")" || refuse "PHP ${platform:-$wanted} cannot be had here ($because): $(full "$php") can" \
    "let it include $php, e.g. \"php\": \"^$php\", then composer update --lock, commit, and push again"
}

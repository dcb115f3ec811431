# How a site is to be served: a Staticfile says it, or else static.json, as Heroku's buildpack for sites reads it.

# names_root: whether static.json is of that kind.
names_root() { [[ -f static.json ]] && jq -e 'objects | .root | strings' static.json >/dev/null 2>&1; }

# read_settings: `settings` are lines as in a Staticfile, `settings_file` is where they come from.
read_settings() {
  local ignored
  settings_file=Staticfile settings=""
  if [[ -f Staticfile ]]; then
    settings=$(tr -d '\0\r' <Staticfile)
    if names_root; then detail "static.json is not used: there is a Staticfile"; fi
  elif names_root; then
    settings_file=static.json
    if jq -e '.basic_auth' static.json >/dev/null; then
      refuse "static.json asks for a password (basic_auth), which sites have none of here" "take basic_auth out to let everybody see the site, or serve it from an app of your own"
    fi
    settings=$(jq -r '
      def line($name): strings | "\($name): \(gsub("[\r\n]"; " "))";
      (.root | gsub("^/+|/+$"; "") | if . == "" then "." else . end | line("root")),
      (.error_page? | strings | gsub("^/+"; "") | line("error_page")),
      (.routes? | objects | select(.["/**"] == "index.html" or .["/**"] == "/index.html") | "spa: true")' static.json)
    ignored=$(jq -r '
      [keys[] as $key | select($key | IN("root", "error_page", "clean_urls", "basic_auth") | not)
        | select($key != "routes" or ((.routes | objects | del(.["/**"] | select(. == "index.html" or . == "/index.html"))) != {}))
        | $key] | join(", ")' static.json)
    [[ -z $ignored ]] || detail "static.json: not followed here: $ignored (a file _headers has headers; a Staticfile can stand for static.json)"
  fi
}

# setting NAME
setting() { sed -nE "s/^$1:[[:space:]]*\"?([^\"#]*[^\"# ])\"?[[:space:]]*(#.*)?\$/\1/p" <<<"$settings" | tail -1; }

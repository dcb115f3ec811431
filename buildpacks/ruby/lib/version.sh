# Which Ruby: `ruby` is one that ruby.tsv has, `because` says who chose it. What the Gemfile wants,
# Bundler compares.

can() { awk '/^[0-9]/ { print $1 }' "$pins" | sort -uV; }

full() { awk -v v="$1" '$1 == v && $2 == "ruby" v { print $3; exit }' "$pins" | sed -E 's/^[^_]*_([0-9.]+)-.*/\1/'; }

first_line() { tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true; }

# 3.3.2 is 3.3: within it, a newer one differs only in what it mends.
choose_version() {
  local asked=""
  ruby=$(can | tail -1)
  if [[ -f .ruby-version ]]; then
    asked=$(first_line .ruby-version) because=.ruby-version
  elif [[ -f .tool-versions ]]; then
    asked=$(awk '$1 == "ruby" { print $2; exit }' .tool-versions) because=.tool-versions
  fi
  asked=${asked#ruby-}
  if [[ -z $asked ]]; then
    because="the one that Debian 13 has; choose another with a Dockerfile"
  elif [[ $asked == "$ruby" || $asked == "$ruby".* || $ruby == "$asked".* ]]; then
    because="$because asks for $asked"
  else
    refuse "Ruby $asked cannot be had here ($because): $ruby can" "write $ruby into $because, and try the app with it"
  fi
}

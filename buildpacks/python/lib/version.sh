# Which Python: `python` is one that python.tsv has, `because` says who chose it. What pyproject.toml
# and Pipfile want is looked at later, with Python itself (project.sh).

can() { awk '/^[0-9]/ { print $1 }' "$pins" | sort -uV; }

first_line() { tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true; }

# Exactly this version was asked for.
asked_for() {
  local file
  for file in runtime.txt .python-version; do
    if [[ -f $file && -n $(first_line "$file") ]]; then
      asked=$(first_line "$file") because=$file
      return
    fi
  done
  if [[ -f .tool-versions ]]; then
    asked=$(awk '$1 == "python" { print $2; exit }' .tool-versions) because=.tool-versions
  fi
  [[ -n ${asked-} ]]
}

# no_such_python WANTED WHO-SAYS-SO HOW-TO-CHANGE-IT
no_such_python() { refuse "Python $1 cannot be had here ($2): $(can | paste -sd' ' | sed 's/ / and /g') can" "$3"; }

# 3.13.2 is 3.13: within it, a newer one differs only in what it mends.
choose_version() {
  local wanted known
  python=$(can | tail -1)
  if ! asked_for; then
    because="the default; choose another with the file .python-version"
    return
  fi
  wanted=${asked#python-} wanted=${wanted#cpython-}
  for known in $(can); do
    if [[ $known == "$wanted" || $wanted == "$known".* || $known == "$wanted".* ]]; then
      python=$known because="$because asks for $wanted"
      return
    fi
  done
  no_such_python "$wanted" "$because" "write $(can | tail -1) into the file $because"
}

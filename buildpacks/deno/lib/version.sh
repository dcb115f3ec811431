# Which Deno: `deno` is a version, `because` says who chose it. Pinned ones come first: the same commit
# then gets the same Deno tomorrow. Others are looked up in the npm registry.

case $(uname -m) in
  aarch64) package=@deno/linux-arm64-glibc pin_column=3 ;;
  *) package=@deno/linux-x64-glibc pin_column=2 ;;
esac

first_line() { tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true; }

asked_for() {
  local file
  for file in .deno-version .dvmrc; do
    if [[ -f $file ]]; then
      asked=$(first_line "$file") because=$file
      [[ -z $asked ]] || return 0
    fi
  done
  [[ -f .tool-versions ]] || return 1
  asked=$(awk '$1 == "deno" { print $2; exit }' .tool-versions) because=.tool-versions
  [[ -n $asked ]]
}

known() { awk '/^[0-9]/ { print $1 }' "$pins"; }

choose_version() {
  local asked=""
  deno=$(awk '$4 == "default" { print $1 }' "$pins")
  if ! asked_for; then
    because="the default; choose another with a file .deno-version"
    return
  fi
  asked=${asked#v}
  because="$because asks for $asked"
  deno=$(known | first_fit "$asked" "$deno")
  if [[ -z $deno ]]; then deno=$(newest_of "$package" "$asked"); fi
  [[ -n $deno ]] || refuse "no version of Deno fits '$asked' ($because)" "write one such as $(known | tail -1) there"
}

# What `git push` shows.

step() { printf -- '-----> %s\n' "$*"; }
detail() { printf '       %s\n' "$*"; }

# refuse WHAT NEXT-STEP
refuse() {
  printf ' !     %s\n !     Try: %s\n' "$1" "$2" >&2
  exit 1
}

# marked_by FILE...: the first of them that is there.
marked_by() {
  local file
  for file; do
    if [[ -f $file ]]; then
      printf '%s' "$file"
      return
    fi
  done
}

indented() { sed -u 's/^/       /'; }

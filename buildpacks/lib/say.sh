# What `git push` shows.

step() { printf -- '-----> %s\n' "$*"; }
detail() { printf '       %s\n' "$*"; }

# refuse WHAT NEXT-STEP
refuse() {
  printf ' !     %s\n !     Try: %s\n' "$1" "$2" >&2
  exit 1
}

indented() { sed -u 's/^/       /'; }

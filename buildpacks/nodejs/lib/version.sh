# Which Node.js: `wanted` and `because` from the app, `node_version` from the ranges.

trimmed() { sed 's/#.*//' "$1" | tr -d ' \t\r' | grep -m1 . || true; }

choose_range() {
  wanted=$engines because='"engines.node" in package.json'
  local file
  for file in .nvmrc .node-version; do
    if [[ -z $wanted && -f $file ]]; then
      wanted=$(trimmed "$file") because=$file
    fi
  done
  if [[ -z $wanted ]]; then
    because="the default; choose another with \"engines\": {\"node\": \"22.x\"} in package.json"
  fi
  case ${wanted,,} in
    "" | node | stable | latest | current | lts | 'lts/*') range=$default_node ;;
    lts/fermium) range=14.x ;;
    lts/gallium) range=16.x ;;
    lts/hydrogen) range=18.x ;;
    lts/iron) range=20.x ;;
    lts/jod) range=22.x ;;
    lts/krypton) range=24.x ;;
    *) range=$wanted ;;
  esac
}

# The versions that this buildpack pins come first: the same commit then gets the same Node.js
# tomorrow. Others are looked up in the npm registry.
choose_version() {
  default_node=$(awk '$4 == "default" { print $1 }' "$pins")
  choose_range
  if [[ $range == "$default_node" ]]; then
    node_version=$default_node
  else
    node_version=$(awk '/^[0-9]/ { print $1 }' "$pins" | first_fit "$range" "$default_node")
  fi
  if [[ -z $node_version ]]; then
    node_version=$(newest_of "node-linux-$arch" "$range")
  fi
  if [[ -z $node_version ]]; then
    refuse "no Node.js version fits '$wanted' ($because)" \
      "write a range that one of these fits: $(awk '/^[0-9]/ { print $1 }' "$pins" | paste -sd' ')"
  fi
}

# npm 6 wrote it, and Node.js up to 14 came with that; later ones find fault with what it leaves out, of peers.
of_npm_6() {
  [[ -n $lock && -n $(first_fit '<15' "" <<<"$1") ]] && grep -qE '^[[:space:]]*"lockfileVersion": *1,?[[:space:]]*$' "$lock"
}

# The npm that goes with a Node.js, the newest first; where the app is npm's and asks for one, that.
choose_npm() {
  local range version integrity asked=""
  npm_by="it goes with Node.js $1"
  if [[ $manager == npm ]]; then
    asked=${exact:-$wanted_npm}
    if [[ -z $exact && -n $(first_fit "${asked:-*}" "" <<<6.14.18) ]] && of_npm_6 "$1"; then asked=6.x npm_by="its format is that of npm 6"; fi
  fi
  while IFS=$'\t' read -r range version integrity; do
    if [[ $1 == "$default_node" || -n $(first_fit "$range" "" <<<"$1") ]] &&
      [[ -z $asked || $asked == "$version" || -n $(first_fit "$asked" "" <<<"$version") ]]; then
      npm_version=$version npm_integrity=$integrity
      return
    fi
  done < <(grep -v '^#' "$CNB_BUILDPACK_DIR/npm.tsv")
  npm_version=${exact:-$(newest_of npm "$asked")}
  [[ -n $npm_version ]] || refuse "no npm version fits '$asked' (\"engines.npm\" in package.json)" "correct it, e.g. \"$(example_version)\""
  npm_integrity=$(integrity_of npm "$npm_version")
}

# What the build script makes in node_modules, as `prisma generate` and patch-package do. It runs on a copy of
# `build-modules`. What it made, changed or removed there is done to the production dependencies as well: the image has
# a copy of them with that, `modules`, and they themselves are kept for the next build as `production-modules`.

# Of tools, for the next build alone; of those the first three are kept.
caches=(.cache .vite .astro .vite-temp .tmp)

# What managers note of their work, and our stamp.
notes=(.package-lock.json .yarn-integrity .yarn-state.yml .package-map.json .modules.yaml .pnpm/lock.yaml .pnpm-workspace-state.json
  .pnpm-workspace-state-v1.json .stamp)

run_build_on_copy() {
  place_modules build-modules cp -a --reflink=auto
  stamp
  run_build
  keep_caches
  if ! $site; then provide_made; fi
}

# From now on the kernel stamps what is changed in node_modules later than this. What lies in a folder that is moved it
# does not stamp: other files are then at these places.
stamp() {
  places >"$scratch/places"
  local end=$((SECONDS + 5))
  : >node_modules/.stamp
  until [[ -n $(: >node_modules/.later && find node_modules/.later -cnewer node_modules/.stamp) ]]; do
    ((SECONDS <= end)) || refuse "the clock of the server's disk stands still" "let the operator look at it, then push again"
    sleep 0.005
  done
  rm node_modules/.later
}

places() { in_modules node_modules -printf '%p\t%i\n' | LC_ALL=C sort; }

# Should a program still write there, or files not be readable, the next build begins without them.
keep_caches() {
  local each kept
  for each in "${caches[@]::3}"; do
    [[ -d node_modules/$each && -n $(find "node_modules/$each" -cnewer node_modules/.stamp -print -quit 2>/dev/null) ]] || continue
    kept=$layers/build-modules/node_modules/$each
    remove "$kept"
    keep_cache "node_modules/$each" "$kept" 2>/dev/null || remove "$kept"
  done
}

# A note of TypeScript says that what it made is there, which it is not in the next build.
keep_cache() { cp -a "$1" "$2" && find "$2" -name '*.tsbuildinfo' -delete; }

# `production-modules` is there where the image of the build before has more.
production() { if [[ -d $layers/production-modules ]]; then printf production-modules; else printf modules; fi; }

provide_made() {
  list_made
  if [[ ! -s $scratch/made ]]; then
    modules_as_installed
    return
  fi
  if [[ ! -d $layers/production-modules ]]; then mv "$layers/modules" "$layers/production-modules"; fi
  remove "$layers/modules"
  if laid_out_alike; then add_made; else take_all; fi
  layer_toml production-modules false false "$is"
  layer_toml modules false true "made-after-$is"
}

modules_as_installed() {
  if [[ -d $layers/production-modules ]]; then
    remove "$layers/modules"
    rm -f "$layers/production-modules.toml"
    mv "$layers/production-modules" "$layers/modules"
  fi
  layer_toml modules false true "$is"
}

# in_modules FOLDER ACTIONS...: of all there but caches and notes. A program that still runs may remove some meanwhile.
in_modules() {
  local each left_out=(-false)
  for each in "${caches[@]}" "${notes[@]}"; do left_out+=(-o -path "./$each"); done
  (cd "$1" && find . -ignore_readdir_race -mindepth 1 \( "${left_out[@]}" \) -prune -o "${@:2}")
}

paths_in() { in_modules "$1" -printf '%p\n' | LC_ALL=C sort; }

# facts FOLDER LIST: kind, mode and content of those of these paths that are there.
facts() {
  (
    cd "$1"
    {
      xargs -r -d '\n' sh -c 'find "$@" -maxdepth 0 -printf "%p\t%y %m %l\n"' find <"$2" 2>/dev/null || true
      (xargs -r -d '\n' sh -c 'find "$@" -maxdepth 0 -type f -print' find <"$2" 2>/dev/null || true) |
        (xargs -r -d '\n' sha256sum -- 2>/dev/null || true) | sed -E 's/^([0-9a-f]+)  (.*)$/\2\t\1/'
    } | LC_ALL=C sort
  )
}

# Lists of paths below node_modules: `to-copy` of what the script made or changed, `to-remove` of what it removed,
# `elsewhere` of both where production may have it at another place, and `made` of all. What lies in a package that is there
# for development alone goes with it.
list_made() {
  local built=$layers/build-modules/node_modules kept
  kept=$layers/$(production)/node_modules
  mkdir -p node_modules
  paths_in "$built" >"$scratch/built"
  paths_in node_modules >"$scratch/now"
  paths_in "$kept" >"$scratch/kept"
  touched_by_build >"$scratch/touched"
  facts "$built" "$scratch/touched" >"$scratch/facts-before"
  facts node_modules "$scratch/touched" | LC_ALL=C comm -13 "$scratch/facts-before" - | cut -f1 | LC_ALL=C sort -u >"$scratch/changed"
  LC_ALL=C comm -23 "$scratch/built" "$scratch/kept" | grep -vE '^(\.|.*/node_modules)/@[^/+]+$' >"$scratch/development" || true
  without_development "$scratch/changed" >"$scratch/to-copy"
  LC_ALL=C comm -23 "$scratch/built" "$scratch/now" >"$scratch/removed"
  LC_ALL=C comm -12 "$scratch/removed" "$scratch/kept" >"$scratch/to-remove"
  cat "$scratch/changed" "$scratch/removed" | in_packages_of_production >"$scratch/elsewhere"
  cat "$scratch/elsewhere" "$scratch/to-copy" "$scratch/to-remove" >"$scratch/made"
}

touched_by_build() {
  if [[ -f node_modules/.stamp ]]; then
    {
      in_modules node_modules -cnewer .stamp -printf '%p\n'
      places | LC_ALL=C comm -13 "$scratch/places" - | cut -f1
    } | LC_ALL=C sort -u
  else
    cat "$scratch/now"
  fi
}

# A name with a line break comes in parts, which do not all begin with `./`.
without_development() {
  awk 'FILENAME == ARGV[1] { only[$0]; next }
    { path = $0; while (index(path, "/") && !(path in only)) sub("/[^/]*$", "", path) }
    !(path in only)' "$scratch/development" "$1"
}

# Of these paths those are printed that production lacks in packages that it has: `a/node_modules/b` may be `b` there.
in_packages_of_production() {
  awk 'FILENAME == ARGV[1] { only[$0]; next }
    { path = $0; top = ""; while (index(path, "/")) { if (path in only) top = path; sub("/[^/]*$", "", path) } }
    top ~ "(^[.]|/node_modules)/(@[^/]+/)?[^./@][^/]*/"' "$scratch/development" -
}

# Whether the production dependencies have at these paths, and above, what the script found there.
laid_out_alike() {
  local kept=$layers/production-modules/node_modules
  [[ ! -s $scratch/elsewhere ]] || return 1
  [[ -d node_modules && ! -L node_modules && -z $(find node_modules -name $'*[\n\t\\\\]*' -print -quit) ]] || return 1
  awk '{ path = $0; while (index(path, "/")) { print path; sub("/[^/]*$", "", path) } }' "$scratch/made" |
    LC_ALL=C sort -u >"$scratch/with-parents"
  facts "$layers/build-modules/node_modules" "$scratch/with-parents" >"$scratch/facts-before"
  [[ -z $(facts "$kept" "$scratch/with-parents" | LC_ALL=C comm -23 - "$scratch/facts-before") ]]
}

# What the image does not take goes first: there are never more files than there have to be.
add_made() {
  local modules=$layers/modules/node_modules
  below node_modules "$scratch/to-copy" -print | LC_ALL=C sort >"$scratch/there"
  below node_modules "$scratch/there" ! -type d -print >"$scratch/no-folders"
  LC_ALL=C comm -23 "$scratch/now" "$scratch/there" >"$scratch/unchanged"
  below node_modules "$scratch/unchanged" ! -type d -delete
  cp -al "$layers/production-modules" "$layers/modules"
  (
    cd "$modules"
    cat "$scratch/to-remove" "$scratch/no-folders" | xargs -r -d '\n' rm -rf --
  )
  below "$modules" "$scratch/there" ! -type d -delete
  pack_there | tar -C "$modules" -xpf -
  below "$modules" "$scratch/there" -type l -print0 | point_out_of_modules
  detail "In the image, too: what the build script made in node_modules ($(sed 's#^\./##' "$scratch/made" | few 3))"
}

# below FOLDER LIST ACTIONS...: of those of these paths that are there, but not of what lies in them.
below() {
  (
    cd "$1"
    xargs -r -d '\n' sh -c 'actions=$1; shift; find "$@" -maxdepth 0 $actions' find "${*:3}" <"$2" 2>/dev/null || true
  )
}

# That a file changed meanwhile is no failure.
pack_there() {
  local code=0
  tar -C node_modules --no-recursion --verbatim-files-from -T "$scratch/there" -cf - || code=$?
  ((code <= 1)) || return "$code"
}

# For example Bun may lay out production dependencies otherwise.
take_all() {
  local each
  mkdir "$layers/modules"
  cp -a node_modules/. "$layers/modules/node_modules"
  for each in "${caches[@]}" .stamp; do
    remove "$layers/modules/node_modules/$each"
    if [[ -e $layers/production-modules/node_modules/$each ]]; then
      cp -al "$layers/production-modules/node_modules/$each" "$layers/modules/node_modules/$each"
    fi
  done
  (cd "$layers/modules" && tidy_modules)
  (cd "$layers/modules/node_modules" && find . -type l -print0) | point_out_of_modules
  detail "The development dependencies stay: the build script changed what $manager lays out otherwise without them ($(sed 's#^\./##' "$scratch/made" | few 3))"
}

# point_out_of_modules <LINKS: those of `modules` that lead out of node_modules do so from the app's folder.
point_out_of_modules() {
  local link target
  while IFS= read -r -d '' link; do
    target=$(readlink "$layers/modules/node_modules/$link")
    [[ $target != /* ]] || continue
    target=$(realpath -ms "$PWD/node_modules/$(dirname "$link")/$target")
    [[ $target == "$PWD/node_modules" || $target == "$PWD/node_modules"/* ]] || ln -sfn "$target" "$layers/modules/node_modules/$link"
  done
}

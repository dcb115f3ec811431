# What the installed dependencies depend on, and whether it is as it was. Scripts of dependencies that run at
# installation may read any file of the app. Which they read the kernel notes, as the time of the last access.

# counts NAME: with the sum of what comes in.
counts() { printf '%s\t%s\n' "$1" "$(sha256sum | cut -d' ' -f1)"; }

count_files() {
  local file
  while IFS= read -r -d '' file; do counts "${file#./}" <"$file"; done
}

# Those that count for every app.
counted_always() {
  local file
  counts "Node.js" <<<"$node_version $arch"
  counts "$manager" <<<"$manager ${manager_version:-$npm_version}"
  counts "the buildpack" < <(declare -f install_all remove_development tidy_modules point_into_app why_in_place dependencies_run_at_install)
  counts "what package.json says of them" <<<"$dependencies"
  for file in .npmrc .yarnrc .yarnrc.yml .yarnclean .pnpmfile.cjs pnpm-workspace.yaml bunfig.toml ${yarn_path:+"$yarn_path"} ${lock:+"$lock"}; do
    if [[ -f $file ]]; then counts "$file" <"$file"; fi
  done
  app_files -type f \( -name '*.patch' -o -name '*.diff' -o -path '*/patches/*' \) -print0 | LC_ALL=C sort -z | count_files
  if $links_into_app; then manifests | count_files; fi
}

# app_files ACTIONS...: all but the dependencies themselves.
app_files() { find . \( -path ./node_modules -o -name .git \) -prune -o "$@"; }

names_in_app() { app_files -printf '%P\t%y %m %l\n' | LC_ALL=C sort; }

# What a script that writes somewhere in the app would change.
state_of_app() { app_files \( -type d -printf '%P\t%m\n' -o -printf '%P\t%y %m %s %T@ %l\n' \) | LC_ALL=C sort; }

# For a script may have looked for a file that was not there, all names count as well.
counted_reads() {
  counts "the names of the app's files" < <(names_in_app)
  (xargs -r -d '\n' sha256sum -- <"$layers/installed/read" 2>/dev/null || true) |
    sed -E 's/^([0-9a-f]+)  (.*)$/\2 (read by scripts of theirs)\t\1/'
}

counted() {
  counted_always
  if [[ -f $layers/installed/read ]]; then counted_reads; fi
}

# The key of the layers: what only this machine could tell (who was read) stays out of the image.
modules_key() { counted_always | sha256sum | cut -d' ' -f1; }

old_access=@0 some_access=1970-01-02

# Before the installation. Many file systems note an access only where the one before is older than the last change.
# What cannot be set back counts as read.
watch_app() {
  state_of_app >"$scratch/state-of-app"
  app_files -type f -exec touch -a -d "$old_access" {} + 2>/dev/null || true
}

# Some file systems note none; XFS and Btrfs none where a file is copied and the copy shares its blocks, for which it must
# have some of its own.
accesses_are_noted() {
  local probe noted=false
  probe=$(mktemp ./.read-XXXXXX)
  printf '%65536s' x >"$probe"
  if notes_access "$probe" cat "$probe" && notes_access "$probe" cp --reflink=auto "$probe" "$probe-copy"; then noted=true; fi
  rm -f "$probe" "$probe-copy"
  $noted
}

# notes_access FILE COMMAND...: which reads it.
notes_access() {
  touch -a -d "$old_access" "$1"
  "${@:2}" >/dev/null
  [[ -n $(find "$1" -newerat "$some_access") ]]
}

files_read() {
  if accesses_are_noted; then
    app_files -type f -newerat "$some_access" -printf '%P\n' | LC_ALL=C sort
  else
    app_files -type f -printf '%P\n' | LC_ALL=C sort
  fi
}

# The layer `installed` is for the next build alone.
new_notes() {
  rm -rf "${layers:?}/installed"
  mkdir -p "$layers/installed"
}

# After it, before anybody else reads.
note_reads() {
  dependencies_run_at_install || return 0
  if [[ -n $(app_files -name $'*[\n\t\\\\]*' -print -quit) ]]; then
    printf 'scripts of theirs run at installation, and names of its files have a tab, a line break or a backslash' >"$layers/installed/anew"
  elif state_of_app | cmp -s - "$scratch/state-of-app"; then
    files_read | grep -vxF "${lock:-package-lock.json}" >"$layers/installed/read" || true
  else
    printf 'scripts of theirs write into the app' >"$layers/installed/anew"
  fi
}

note_counted() { counted >"$layers/installed/counted"; }

keep_notes() { printf '[types]\ncache = true\n' >"$layers/installed.toml"; }

# why_install METADATA: in words, or nothing where what is kept will do.
why_install() {
  local why
  why=$(why_anew)
  if [[ -n $why ]]; then
    printf 'at each build: %s' "$why"
  elif [[ ! -f $layers/installed/counted ]]; then
    printf 'none of an earlier build are here'
  elif ! counted | cmp -s - "$layers/installed/counted"; then
    printf 'changed since the last time: %s' "$(what_changed)"
  elif ! has_all_modules "$1"; then
    printf 'not all of an earlier build are here'
  fi
}

what_changed() {
  LC_ALL=C sort "$layers/installed/counted" >"$scratch/counted"
  counted | LC_ALL=C sort | LC_ALL=C comm -3 "$scratch/counted" - | named
}

# The names in lines of `counted`, the first three of them.
named() { sed -E 's/^\t//; s/\t[0-9a-f]*$//' | LC_ALL=C sort -u | few 3; }

few() { awk -v most="$1" 'NR <= most { printf "%s%s", (NR > 1 ? ", " : ""), $0 } END { if (NR > most) printf ", and %d more", NR - most }'; }

say_reused() {
  step "Dependencies unchanged (reused)"
  detail "as these are what they were: $(sed -E 's/\t[0-9a-f]*$//' "$layers/installed/counted" | few 8)"
}

# Where files count that are not known before, in words; or nothing.
why_anew() {
  if $runs_at_install; then
    printf 'its own scripts run at installation, which may read and write any file'
  elif [[ $manager == pnpm && -n $(find . -maxdepth 1 -name '.pnpmfile.*js' ! -name .pnpmfile.cjs -print -quit) ]] ||
    grep -qsE '^[[:space:]]*(global-?)?pnpmfile[[:space:]]*[=:]' .npmrc pnpm-workspace.yaml ||
    { [[ $manager == pnpm ]] && grep -qsE '\b(require|import)\b' .pnpmfile.cjs; }; then
    printf 'its .pnpmfile may read any file'
  elif grep -qsE '^[[:space:]]*(node-options|script-shell)[[:space:]]*=' .npmrc; then
    printf 'its .npmrc names programs of its own'
  elif [[ $manager == yarn ]] && grep -qsE '^plugins:' .yarnrc.yml; then
    printf 'its plugins of yarn may read any file'
  elif [[ -f $layers/installed/anew ]]; then
    cat "$layers/installed/anew"
  fi
}

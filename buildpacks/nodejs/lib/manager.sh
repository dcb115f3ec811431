# Who installs the dependencies: `manager` is npm, yarn, pnpm or bun, `lock` its lock file or nothing, `named_by` what
# says so; `exact` and `sum` are the version and the sum in package.json, if it names any. What each does stands in
# a file of its own, what yarn from 2 on does in berry.sh.

first_file() {
  local file
  for file in "$@"; do
    if [[ -f $file ]]; then
      printf '%s' "$file"
      return
    fi
  done
}

# lock_of MANAGER
lock_of() {
  case $1 in
    npm) first_file npm-shrinkwrap.json package-lock.json ;;
    yarn) first_file yarn.lock ;;
    pnpm) first_file pnpm-lock.yaml ;;
    bun) first_file bun.lock bun.lockb ;;
  esac
}

# Corepack's notation: pnpm@10.34.9, pnpm@10.34.9+sha512.0f3a...
read_package_manager() {
  [[ $package_manager =~ ^([a-z]+)@([^+]+)(\+(sha[0-9]+)\.([0-9a-f]+))?$ ]] ||
    refuse "\"packageManager\": \"$package_manager\" in package.json is not right" 'write it as name@version, e.g. "pnpm@10.34.9"'
  manager=${BASH_REMATCH[1]} exact=${BASH_REMATCH[2]} sum_kind=${BASH_REMATCH[4]} sum=${BASH_REMATCH[5]}
  named_by='"packageManager" in package.json'
  case $manager in
    npm | yarn | pnpm | bun) ;;
    *) refuse "package.json wants $manager as its packageManager, which cannot be had here: npm, yarn, pnpm and bun can" 'name one of these, e.g. "pnpm@10.34.9"' ;;
  esac
  [[ $exact =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    refuse "packageManager in package.json names no exact version ($package_manager)" "write all of it, e.g. \"$manager@$(example_version)\""
  case $sum_kind in
    '' | sha1 | sha224 | sha256 | sha384 | sha512) ;;
    *) refuse "packageManager in package.json has a sum of an unknown kind ($sum_kind)" "write it with sha512, as corepack use $manager@$exact does" ;;
  esac
}

example_version() {
  case $manager in
    npm) awk -F'\t' '!/^#/ { print $2; exit }' "$CNB_BUILDPACK_DIR/npm.tsv" ;;
    bun) awk -F'\t' '$1 ~ "^@oven/bun-" { print $4; exit }' "$CNB_BUILDPACK_DIR/managers.tsv" ;;
    *) awk -F'\t' -v m="$manager" '$1 == m { print $4; exit }' "$CNB_BUILDPACK_DIR/managers.tsv" ;;
  esac
}

# Without "packageManager": the lock file, and without one what "engines" speaks of.
by_lock_file() {
  local each locks=()
  for each in npm yarn pnpm bun; do
    if [[ -n $(lock_of "$each") ]]; then
      manager=$each
      locks+=("$(lock_of "$each")")
    fi
  done
  if ((${#locks[@]} > 1)); then
    refuse "there are several lock files: $(printf '%s\n' "${locks[@]}" | paste -sd, | sed 's/,/, /g')" \
      "git rm those that are not used; or name the package manager in package.json, e.g. \"packageManager\": \"$manager@$(example_version)\""
  elif ((${#locks[@]} == 1)); then
    named_by=${locks[0]}
  elif [[ -n $wanted_pnpm && -z $wanted_npm ]]; then
    manager=pnpm named_by='"engines" in package.json'
  elif [[ -n $wanted_yarn && -z $wanted_npm ]]; then
    manager=yarn named_by='"engines" in package.json'
  elif [[ -n $wanted_bun && -z $wanted_npm ]]; then
    manager=bun named_by='"engines" in package.json'
  fi
}

other_locks() {
  local each
  for each in npm yarn pnpm bun; do
    if [[ $each != "$manager" ]]; then lock_of "$each"; fi
  done
}

choose_manager() {
  local other
  manager=npm lock="" yarn_path="" named_by="no lock file names another" exact="" sum="" sum_kind=""
  $has_package || return 0
  if [[ -n $package_manager ]]; then read_package_manager; else by_lock_file; fi
  lock=$(lock_of "$manager")
  other=$(other_locks)
  if [[ -n $other && -z $lock ]]; then
    refuse "packageManager in package.json is $manager, but the lock file is $other" \
      "commit the lock file that $manager install writes and git rm $other, or correct packageManager"
  fi
  if [[ -n $other ]]; then detail "$other is not used: packageManager in package.json is $manager"; fi
  local part=$manager
  if is_berry; then part=berry; fi
  # shellcheck source=/dev/null
  source "$CNB_BUILDPACK_DIR/lib/$part.sh"
}

# Yarn from 2 on is another program with another lock file.
is_berry() {
  [[ $manager == yarn ]] || return 1
  local berry=false written_by=false
  if [[ -n $lock ]] && grep -q '^__metadata:' "$lock"; then written_by=true; fi
  if [[ -n $exact ]]; then
    [[ $exact == [01].* ]] || berry=true
    if [[ -n $lock && $berry != "$written_by" ]]; then
      refuse "packageManager in package.json is yarn@$exact, but $lock was written by yarn $($written_by && echo "2 or later" || echo 1)" \
        "yarn install with that version, then commit $lock and push again; or correct packageManager"
    fi
  elif [[ -n $lock ]]; then
    berry=$written_by
  elif [[ -f .yarnrc.yml || (-n $wanted_yarn && -z $(first_fit "$wanted_yarn" "" <<<1.22.22)) ]]; then
    berry=true
  fi
  $berry
}

# pinned_manager PACKAGE LOCK-FORMAT RANGE: version and integrity of the first pinned one that fits.
pinned_manager() {
  local package formats range version integrity
  while IFS=$'\t' read -r package formats range version integrity; do
    if [[ $package == "$1" && (-z $2 || " $formats " == *" $2 "*) ]] &&
      [[ $range == '*' || -n $(first_fit "$range" "" <<<"$node_version") ]] &&
      [[ -z $3 || -n $(first_fit "$3" "" <<<"$version") ]]; then
      manager_version=$version manager_integrity=$integrity
      return
    fi
  done <"$CNB_BUILDPACK_DIR/managers.tsv"
  return 1
}

# choose_manager_version PACKAGE LOCK-FORMAT RANGE
choose_manager_version() {
  if [[ -n $exact ]]; then
    manager_version=$exact version_by='"packageManager" in package.json'
    manager_integrity=$(awk -F'\t' -v p="$1" -v v="$exact" '$1 == p && $4 == v { print $5 }' "$CNB_BUILDPACK_DIR/managers.tsv")
    manager_integrity=${manager_integrity:-$(integrity_of "$1" "$exact")}
    return
  fi
  version_by="$named_by; choose another with \"packageManager\" in package.json"
  [[ -z $3 ]] || version_by="$named_by, \"engines.$manager\": \"$3\""
  pinned_manager "$@" && return
  [[ -n $3 ]] || refuse "it is not known which $manager reads $lock (its format is ${2:-unknown}, Node.js is $node_version)" \
    "name it in package.json, e.g. \"packageManager\": \"$manager@$(example_version)\""
  manager_version=$(newest_of "$1" "$3")
  [[ -n $manager_version ]] ||
    refuse "no version of $manager fits '$3' (\"engines.$manager\" in package.json)" "correct it, e.g. \"$(example_version)\""
  manager_integrity=$(integrity_of "$1" "$manager_version")
}

# check_sum FILE: the sum that package.json names.
check_sum() {
  [[ -n $sum ]] || return 0
  "${sum_kind}sum" --status -c - <<<"$sum  $1" ||
    refuse "$manager $exact is not what packageManager in package.json says: its $sum_kind is $("${sum_kind}sum" "$1" | cut -c1-16)..., not ${sum:0:16}..." \
      "corepack use $manager@$exact, then commit package.json and push again"
}

say_npm() {
  if [[ -n $exact ]]; then
    detail "npm $npm_version: $named_by"
  elif $has_package; then
    detail "npm $npm_version: $named_by; $npm_by; choose another with \"packageManager\" in package.json"
  fi
}

# The layer `manager`, for all but npm, which comes with Node.js. A Procfile may call it.
provide_manager() {
  if [[ $manager == npm ]]; then
    say_npm
    return
  fi
  local is
  choose_version_of_manager
  is="manager = \"$manager $manager_version $arch ${yarn_path:-} ${sum:-unnamed} $(declare -f unpack_manager | sha256sum | cut -c1-16)\""
  detail "$manager $manager_version: $version_by"
  if was_made_for manager "$is"; then
    step "$manager $manager_version (reused)"
  else
    step "Installing $manager $manager_version"
    rm -rf "${layers:?}/manager"
    mkdir -p "$layers/manager/bin" "$layers/manager/env.launch"
    unpack_manager
    chmod -R u+rwX,go+rX,go-w "$layers/manager"
  fi
  layer_toml manager true "$(launches)" "$is"
  export PATH=$layers/manager/bin:$PATH
}

# unpack_package PACKAGE: into the layer; it stays in `scratch` for its sum.
unpack_package() {
  fetch_package "$1" "$manager_version" "$manager_integrity" "$scratch/manager.tgz"
  mkdir -p "$layers/manager/lib"
  tar -xzf "$scratch/manager.tgz" -C "$layers/manager/lib" --strip-components 1 --no-same-owner
}

# program NAME FILE: a command of the layer.
program() {
  chmod +x "$layers/manager/lib/$2"
  ln -sf "../lib/$2" "$layers/manager/bin/$1"
}

# launch_setting NAME VALUE: for the commands of a Procfile and for the start script.
launch_setting() {
  printf '%s' "$2" >"$layers/manager/env.launch/$1.default"
  export "$1=$2"
}

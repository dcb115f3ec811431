# Which Java the build scripts want, and on which Gradle runs.

scripts() {
  find . \( -name .git -o -name node_modules -o -name build -o -name .gradle \) -prune -o -type f \
    \( -name '*.gradle' -o -name '*.gradle.kts' \) -print | sed 's#^\./##' | sort
}

# A script without its comments.
words_of() { tr -d '\r' <"$1" | sed -E 's#(^|[[:space:]])//.*##; s#/\*([^*]|\*[^/])*\*/##g'; }

# The version that a catalog has under an alias: libs.versions.java.get() is java in libs.versions.toml.
in_catalog() {
  local alias=${1//./[-_.]}
  [[ -f gradle/libs.versions.toml ]] || return 0
  sed -nE "s/^[[:space:]]*$alias[[:space:]]*=[[:space:]]*[\"']([0-9.]+)[\"'].*/\1/p" gradle/libs.versions.toml | head -1
}

# numbers PATTERN: of each script the versions that follow it, with the script's name.
numbers() {
  local file match
  while IFS= read -r file; do
    while IFS= read -r match; do
      if [[ $match =~ libs\.versions\.([A-Za-z0-9.]+)\.get ]]; then
        match=$(in_catalog "${BASH_REMATCH[1]}")
      else
        match=$(grep -oE '[0-9][0-9._]*$' <<<"$match" || true)
      fi
      if [[ -n $match ]]; then printf '%s %s\n' "$(major "$match")" "$file"; fi
    done < <(words_of "$file" | grep -oE "$1(libs\.versions\.[A-Za-z0-9.]+\.get|[0-9][0-9._]*)" || true)
  done < <(scripts)
}

highest() { sort -n | tail -1; }

# A toolchain is exactly that Java.
wants_exactly() {
  local found
  found=$(numbers "(JavaLanguageVersion\.of|jvmToolchain)\([[:space:]]*[\"']?" | highest)
  if [[ -z $found && -f gradle/gradle-daemon-jvm.properties ]]; then
    found="$(property toolchainVersion gradle/gradle-daemon-jvm.properties) gradle/gradle-daemon-jvm.properties"
  fi
  [[ $found =~ ^[0-9] ]] || return 1
  asked=${found%% *} because="the toolchain of ${found#* }"
  otherwise="ask for one of these as languageVersion in ${found#* }"
}

compiles_for() {
  local found
  found=$(numbers "((source|target)Compatibility|options\.release|jvmTarget)[^0-9A-Za-z]*(\.?set\(|=|[[:space:]])?[[:space:](]*(JavaVersion\.|JvmTarget\.)?(toVersion\(|VERSION_|JVM_)?[\"']?" | highest)
  [[ $found =~ ^[0-9] ]] || return 1
  level=${found%% *} because=${found#* }
}

# at_least VERSION OTHER
at_least() { [[ $(printf '%s\n' "$1" "$2" | sort -V | tail -1) == "$1" ]]; }

# oldest_gradle JAVA: that runs on it.
oldest_gradle() {
  case $1 in
    17) echo 7.3 ;;
    21) echo 8.5 ;;
    25) echo 9.1.0 ;;
    *) echo 0 ;;
  esac
}

# Should none do, Gradle itself says so.
usable() {
  local known some=""
  for known in $(can); do
    if at_least "$gradle" "$(oldest_gradle "$known")"; then some+=$known$'\n'; fi
  done
  if [[ -n $some ]]; then printf '%s' "$some"; else can | head -1; fi
}

# Which Java: `java` is a version that java.tsv has, `because` says who chose it. The buildpack says
# what its build files want: `wants_exactly` (sets `asked`, and `otherwise`, how to ask for another), `compiles_for` (sets `level`), and which
# versions `usable` lists.

pins=$CNB_BUILDPACK_DIR/lib/java/java.tsv

can() { awk '/^[0-9]/ { print $1 }' "$pins"; }

# Words as people list them: 17, 21 and 25.
listed() { paste -sd, | sed 's/,/, /g; s/\(.*\), /\1 and /'; }

# The major version in what people write: 21, 21.0.4, 1.8, 21.0.4-tem, temurin-21.0.4+7, zulu64-21.
major() { sed -E 's/^[A-Za-z]+(64|32)?-//; s/^1[._]([0-9]+).*/\1/; s/^([0-9]+).*/\1/' <<<"$1"; }

first_line() { tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true; }

setting_of() { sed -nE "s/^[[:space:]]*$2[[:space:]]*[=:][[:space:]]*([^[:space:]#]+).*/\1/p" "$1" | tr -d '\r' | tail -1; }

# Exactly this version was asked for, in a file for just that.
asked_for() {
  if [[ -f system.properties && -n $(setting_of system.properties java.runtime.version) ]]; then
    asked=$(setting_of system.properties java.runtime.version) because="java.runtime.version in system.properties"
  elif [[ -f .java-version && -n $(first_line .java-version) ]]; then
    asked=$(first_line .java-version) because=.java-version
  elif [[ -f .sdkmanrc && -n $(setting_of .sdkmanrc java) ]]; then
    asked=$(setting_of .sdkmanrc java) because=.sdkmanrc
  else
    return 1
  fi
}

no_such_java() {
  refuse "Java $1 cannot be had here ($because): $(can | listed) can" \
    "${otherwise:-write java.runtime.version=$(can | tail -1) into the file system.properties}"
}

choose_version() {
  local known
  if asked_for || wants_exactly; then
    java=$(major "$asked")
    can | grep -qxF "$java" || no_such_java "$asked"
  elif compiles_for; then
    level=$(major "$level") because="$because compiles for Java $level"
    for known in $(usable); do
      if ((known >= level)); then
        java=$known because+="; choose another with java.runtime.version in system.properties"
        return
      fi
    done
    no_such_java "$level"
  else
    java=$(awk '$NF == "default" { print $1 }' "$pins")
    because="the default; choose another with java.runtime.version=21 in system.properties"
    if ! usable | grep -qxF "$java"; then
      java=$(usable | tail -1)
      because="the newest that does for the build; choose another with java.runtime.version in system.properties"
    fi
  fi
}

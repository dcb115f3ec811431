# Which Java: `java` is a version that java.tsv has, `because` says who chose it.

pins=$CNB_BUILDPACK_DIR/java.tsv

can() { awk '/^[0-9]/ { print $1 }' "$pins"; }

# The major version in what people write: 21, 21.0.4, 1.8, 21.0.4-tem, temurin-21.0.4+7, zulu64-21.
major() { sed -E 's/^[A-Za-z]+(64|32)?-//; s/^1\.([0-9]+).*/\1/; s/^([0-9]+).*/\1/' <<<"$1"; }

first_line() { tr -d ' \t\r' <"$1" | grep -m1 -v -e '^$' -e '^#' || true; }

setting_of() { sed -nE "s/^[[:space:]]*$2[[:space:]]*[=:][[:space:]]*([^[:space:]#]+).*/\1/p" "$1" | tr -d '\r' | tail -1; }

# The first of these elements of pom.xml that holds a number; comments do not count.
element() {
  local name
  for name in "$@"; do
    tr '\n\r' '  ' <pom.xml | sed -E 's/<!--([^-]|-[^-])*-->//g' |
      grep -oE "<$name>[[:space:]]*[0-9][0-9.]*[[:space:]]*</$name>" | head -1 | sed -E 's/<[^>]*>//g' | tr -d ' ' |
      grep . && return
  done
  true
}

# Exactly this version was asked for.
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
  refuse "Java $1 cannot be had here ($because): $(can | paste -sd' ' | sed 's/ / and /') can" \
    "write java.runtime.version=$(can | tail -1) into the file system.properties"
}

choose_version() {
  local wanted known
  if asked_for; then
    java=$(major "$asked")
    can | grep -qxF "$java" || no_such_java "$asked"
    return
  fi
  wanted=$(element maven.compiler.release java.version maven.compiler.target maven.compiler.source release target source)
  if [[ -z $wanted ]]; then
    java=$(awk '$NF == "default" { print $1 }' "$pins")
    because="the default; choose another with java.runtime.version=21 in system.properties"
    return
  fi
  because="pom.xml compiles for Java $(major "$wanted")"
  for known in $(can); do
    if ((known >= $(major "$wanted"))); then
      java=$known
      return
    fi
  done
  no_such_java "$(major "$wanted")"
}

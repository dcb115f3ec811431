# Which Java pom.xml wants.

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

usable() { can; }

wants_exactly() { false; }

compiles_for() {
  because=pom.xml
  level=$(element maven.compiler.release java.version maven.compiler.target maven.compiler.source release target source)
  [[ -n $level ]]
}

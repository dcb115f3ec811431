# What a jar says about itself.

# attribute JAR NAME: lines of a manifest are cut at 72 bytes and go on with a space.
attribute() {
  unzip -p "$1" META-INF/MANIFEST.MF 2>/dev/null | tr -d '\r' |
    awk -v name="$2: " '
      /^ / { if (on) value = value substr($0, 2); next }
      on { exit }
      index($0, name) == 1 { on = 1; value = substr($0, length(name) + 1) }
      END { print value }'
}

starts() { [[ -n $(attribute "$1" Main-Class) ]]; }

is_spring_boot() { [[ -n $(attribute "$1" Spring-Boot-Version) ]]; }

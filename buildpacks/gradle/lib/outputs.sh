# What Gradle made: `runnable` is the jar that starts, `start` the whole command.

told() { awk -F '\t' -v kind="$1" '$1 == kind' "$scratch/told" 2>/dev/null || true; }

# The jars that modules made, without those for developers.
built_jars() {
  find . \( -name .git -o -name src -o -name node_modules -o -name .gradle \) -prune -o -type f -path '*build/libs/*' \( -name '*.jar' -o -name '*.war' \) -print |
    sed 's#^\./##' | grep -E '(^|/)build/libs/[^/]+$' | grep -vE -- '-(sources|javadoc|tests|test-fixtures|plain)\.jar$' | sort
}

# Jars that plugins put beside the app, without the project's own.
libraries() {
  local own
  own=$(told own | cut -f2)
  find . \( -name .git -o -name src -o -name node_modules -o -name .gradle \) -prune -o -type f \
    \( -path '*build/install/*/lib/*.jar' -o -path '*build/libs/lib/*.jar' -o -path '*build/libs/*/WEB-INF/lib/*.jar' -o -path '*build/quarkus-app/lib/*.jar' \) -print |
    sed 's#^\./##' | awk -v own="$own" 'BEGIN { split(own, names, "\n"); for (i in names) mine[names[i]] } { n = split($0, p, "/") } !(p[n] in mine)' | sort
}

refuse_no_jar() {
  if [[ -z $1 ]]; then
    refuse "Gradle made nothing that can be started" \
      "apply the plugin application with a mainClass, or say in a Procfile how the app starts"
  fi
  refuse "$1 does not say which class starts (no Main-Class)" \
    "apply the plugin application with a mainClass; or name it in a Procfile: 'web: java -cp $1 com.example.Main'"
}

how_to_copy_libraries="apply the plugin application, so that the libraries are put beside the app"

# What Gradle says starts, if it was made; else the jars tell.
find_output() {
  local kind path made=()
  while IFS=$'\t' read -r _ kind path; do
    if [[ $kind != war && -f $path && $path =~ ^[A-Za-z0-9_./+@-]+$ ]]; then made+=("$path"); fi
  done < <(told start)
  if ((${#made[@]} > 1)) && ! names_processes; then
    refuse "several programs can be started: ${made[*]}" "choose with a Procfile: 'web: ${made[0]}'"
  fi
  runnable="" spring_boot=false war="" start=() chosen_by="what Gradle made to be started"
  if ((${#made[@]} == 0)); then
    find_runnable
  elif ((${#made[@]} == 1)) && [[ ${made[0]} == *.[jw]ar ]]; then
    runnable=${made[0]}
    if is_spring_boot "$runnable"; then spring_boot=true; fi
  elif ((${#made[@]} == 1)); then
    start=("${made[0]}")
  fi
}

# Where Gradle works, there is a `tmp`. What lies deeper, as below `libs` and `install`, is the app's.
remove_leftovers() {
  local folder
  rm -rf .gradle .kotlin
  while IFS= read -r -d '' folder; do
    if [[ -d $folder/tmp ]]; then
      rm -rf "$folder"/{tmp,kotlin,reports,test-results,distributions,generated}
    fi
  done < <(find . \( -name .git -o -name src -o -name node_modules \) -prune -o -type d -name build -prune -print0)
  rm -f gradle/wrapper/gradle-*.zip
}

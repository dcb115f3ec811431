# Which jar is the app: `runnable` is its path, empty where there is none, `chosen_by` why it; `spring_boot` whether it
# is one of Spring Boot's, `war` what needs a servlet container. The buildpack's `built_jars` lists what was made, its `refuse_no_jar` says
# what to do where nothing starts.

# Whoever packs everything into one jar means that one.
preferred() {
  local jar
  for jar in "$@"; do if is_spring_boot "$jar"; then printf '%s\n' "$jar"; fi; done
  printf '%s\n' "$@" | grep -E '/quarkus-run\.jar$|-jar-with-dependencies\.jar$|-(shaded|all|fat|uber|exec|runner)\.jar$' || true
}

find_runnable() {
  local jar runnables=() better=()
  runnable="" spring_boot=false war="" chosen_by="the only jar with a Main-Class"
  while IFS= read -r jar; do
    if [[ $jar =~ ^[A-Za-z0-9_./+@-]+$ ]] && starts "$jar"; then runnables+=("$jar"); fi
  done < <(built_jars)
  if ((${#runnables[@]} > 1)); then
    mapfile -t better < <(preferred "${runnables[@]}" | sort -u)
    if ((${#better[@]} == 1)); then runnables=("${better[@]}") chosen_by="of several jars the one that holds all"; fi
  fi
  if ((${#runnables[@]} == 1)); then
    runnable=${runnables[0]}
    if is_spring_boot "$runnable"; then spring_boot=true chosen_by="Spring Boot's jar"; fi
  elif ((${#runnables[@]} == 0)) && (($(built_jars | grep -c '\.war$') == 1)); then
    war=$(built_jars | grep '\.war$') chosen_by="the only web archive"
  elif ! names_processes; then
    refuse_runnable "${runnables[@]}"
  fi
}

refuse_runnable() {
  if (($# > 1)); then
    refuse "several jars can be started: $*" "choose with a Procfile: 'web: java -jar $1'"
  fi
  if [[ -n $(built_jars | grep '\.war$') ]]; then
    refuse "several web archives were made: $(built_jars | grep '\.war$' | paste -sd' ')" "push one app each, or start one by itself"
  fi
  refuse_no_jar "$(built_jars | head -1)"
}

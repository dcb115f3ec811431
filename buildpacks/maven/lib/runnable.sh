# Which jar is the app: `runnable` is its path, empty where there is none; `spring_boot` whether it
# is one of Spring Boot's.

# The jars that modules made, without those for developers.
built_jars() {
  find . \( -name .git -o -name src -o -name node_modules \) -prune -o -type f -path '*target/*' \( -name '*.jar' -o -name '*.war' \) -print |
    sed 's#^\./##' | grep -E '(^|/)target/([^/]+|quarkus-app/quarkus-run\.jar)$' |
    grep -vE '(-sources|-javadoc|-tests|-test-sources)\.jar$|(^|/)original-[^/]*$' | sort
}

# Whoever packs everything into one jar means that one.
preferred() {
  local jar
  for jar in "$@"; do if is_spring_boot "$jar"; then printf '%s\n' "$jar"; fi; done
  printf '%s\n' "$@" | grep -E '/quarkus-run\.jar$|-jar-with-dependencies\.jar$|-(shaded|all|fat|uber|exec|runner)\.jar$' || true
}

find_runnable() {
  local jar runnables=() better=()
  runnable="" spring_boot=false
  while IFS= read -r jar; do
    if [[ $jar =~ ^[A-Za-z0-9_./+@-]+$ ]] && starts "$jar"; then runnables+=("$jar"); fi
  done < <(built_jars)
  if ((${#runnables[@]} > 1)); then
    mapfile -t better < <(preferred "${runnables[@]}" | sort -u)
    if ((${#better[@]} == 1)); then runnables=("${better[@]}"); fi
  fi
  if ((${#runnables[@]} == 1)); then
    runnable=${runnables[0]}
    if is_spring_boot "$runnable"; then spring_boot=true; fi
  elif [[ ! -f Procfile ]]; then
    refuse_runnable "${runnables[@]}"
  fi
}

refuse_runnable() {
  if (($# > 1)); then
    refuse "several jars can be started: $*" "choose with a Procfile: 'web: java -jar $1'"
  fi
  if [[ -n $(built_jars | grep '\.war$') ]]; then
    refuse "$(built_jars | grep -m1 '\.war$') needs a servlet container, and none is provided" \
      "build a jar that starts by itself, e.g. with an embedded Tomcat or Jetty (Spring Boot: <packaging>jar</packaging>)"
  fi
  if [[ -z $(built_jars) ]]; then
    refuse "Maven made no jar" "set <packaging>jar</packaging> in pom.xml, or say in a Procfile how the app starts"
  fi
  refuse "$(built_jars | head -1) does not say which class starts (no Main-Class)" \
    "name it with <mainClass> for the maven-jar-plugin, or in a Procfile: 'web: java -cp target/classes com.example.Main'"
}

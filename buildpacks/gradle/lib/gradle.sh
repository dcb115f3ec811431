# Builds the app with the Gradle that the project's wrapper names, or a pinned one. What Gradle keeps
# (dependencies, compiled build scripts) lies in a layer.

newest_gradle=9.5.1
newest_sha256=bafc141b619ad6350fd975fc903156dd5c151998cc8b058e8c1044ab5f7b031f
mirrored=https://services.gradle.org/distributions
tool_mirror=${WIDEMESH_GRADLE_MIRROR-}
wrapper=gradle/wrapper/gradle-wrapper.properties

# Sets `gradle` (its version), `why_gradle` and `script`, what marks the app.
choose_gradle() {
  local file
  script=gradlew
  for file in settings.gradle settings.gradle.kts build.gradle build.gradle.kts; do if [[ -f $file ]]; then script=$file; fi; done
  [[ $script != gradlew ]] || refuse "there is a gradlew, but no build.gradle" "git add build.gradle (or settings.gradle), commit, then push again"
  if [[ ! -f $wrapper ]]; then
    wrapper="" gradle=$newest_gradle sha256=$newest_sha256 url=$mirrored/gradle-$newest_gradle-bin.zip
    why_gradle="the default; choose another with a wrapper: gradle wrapper --gradle-version $newest_gradle"
    return
  fi
  url=$(property distributionUrl "$wrapper") sha256=$(property distributionSha256Sum "$wrapper")
  gradle=$(sed -nE 's#^(.*/)?gradle-([0-9][A-Za-z0-9.+-]*)-(bin|all)\.zip([?].*)?$#\2#p' <<<"$url")
  [[ -n $gradle ]] || refuse "$wrapper names no Gradle distribution" "gradle wrapper --gradle-version $newest_gradle, commit, then push again"
  why_gradle="distributionUrl in $wrapper"
}

provide_gradle() {
  provide_distribution gradle "Gradle $gradle" "$url" "$sha256" \
    "look at the server's network, proxy and CA settings; or let the operator name a mirror of $mirrored (WIDEMESH_GRADLE_MIRROR)"
}

# Gradle writes its notes in place, and what is kept must stay as it is should this build fail; jars
# of dependencies are never written again.
own_notes() {
  find "$GRADLE_USER_HOME" -type f -links +1 ! -path '*/files-2.1/*' -print0 |
    xargs -0 -r sh -c 'for f; do cp -p "$f" "$f.own" && mv "$f.own" "$f"; done' sh
}

proxy_options() {
  local name
  for name in http https; do
    if read_proxy "$name"; then
      options+=("-D$name.proxyHost=$proxy_host" "-D$name.proxyPort=$proxy_port" "-Dhttp.nonProxyHosts=$(without_proxy)")
      if [[ -n $proxy_user ]]; then options+=("-D$name.proxyUser=$proxy_user" "-D$name.proxyPassword=$proxy_password"); fi
    fi
  done
}

# One process that ends with the build, with the Java that was chosen and no other.
gradle_options() {
  local memory="-XX:MaxRAMPercentage=60 -XX:MaxMetaspaceSize=512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8"
  options=(--no-daemon --console=plain --init-script "$CNB_BUILDPACK_DIR/lib/stage.gradle" "-Dwidemesh.told=$scratch/told"
    -Dorg.gradle.configuration-cache=false -Dorg.gradle.configureondemand=false
    -Porg.gradle.java.installations.auto-download=false "-Porg.gradle.java.installations.paths=$layers/jdk"
    -Pkotlin.compiler.execution.strategy=in-process)
  proxy_options
  if ! grep -qs '^[[:space:]]*org.gradle.jvmargs' gradle.properties; then
    options+=("-Dorg.gradle.jvmargs=$memory")
    export GRADLE_OPTS="$memory ${GRADLE_OPTS-}"
  fi
}

fetched() { find "$GRADLE_USER_HOME" -path '*/files-2.1/*' -type f -cnewer "$scratch/before" -printf '%s\n'; }

run_gradle() {
  local options=() arguments=() code=0
  export GRADLE_USER_HOME=$layers/gradle-home
  mkdir -p "$GRADLE_USER_HOME"
  layer_toml gradle-home false false 'for = "dependencies"'
  own_notes
  touch "$scratch/before"
  gradle_options
  read -ra arguments <<<"${BP_GRADLE_BUILD_ARGUMENTS:-widemeshStage}"
  step "gradle ${BP_GRADLE_BUILD_ARGUMENTS:-}"
  "$layers/gradle/bin/gradle" "${options[@]}" "${arguments[@]}" </dev/null 2>&1 |
    tee "$scratch/gradle.log" | quieter | indented || code=$?
  ((code == 0)) || explain_gradle "$code"
  rm -rf "$GRADLE_USER_HOME"/{daemon,native,notifications,.tmp,workers}
  fetched | awk '{ bytes += $1 } END {
    if (NR == 0) print "       Dependencies from the cache: nothing fetched"
    else printf "       Fetched %d files (%.1f MB) that the cache did not have\n", NR, bytes / 1e6 }'
}

# What Gradle says of itself is of no use here; what was chosen is said with how to choose otherwise.
quieter() {
  sed -uE '/^(Downloading|Download|Welcome to Gradle|To honour the JVM|Daemon will be stopped|OpenJDK|openjdk|Starting a Gradle Daemon|Here are the highlights|For more details see|Get more help|Deprecated Gradle|You can use .--warning-mode|For more on this, please refer|.* actionable tasks?:) ?/d
    /^> Task :.*(UP-TO-DATE|NO-SOURCE)$/d; /^:.* (UP-TO-DATE|NO-SOURCE)$/d; /^$/d
    s/^> Task //; s/^widemesh: (.*)\)$/Task \1; choose others with the configuration BP_GRADLE_BUILD_ARGUMENTS)/; /^BUILD SUCCESSFUL/d'
}

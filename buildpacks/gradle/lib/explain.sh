# Turns what Gradle printed into cause and next step.

# found PATTERN: the first match in Gradle's output.
found() { grep -m1 -oE "$1" "$scratch/gradle.log" || true; }

explain_compilation() {
  local where
  where=$(found "$PWD/[^ :]+\.(java|groovy|scala):[0-9]+: (error: )?.*")
  [[ -n $where ]] || where=$(found '^e: .*\.kts?:[0-9]+.*')
  [[ -n $where ]] || where=$(found '^e: [^ ]+\.kts?: \([0-9]+, [0-9]+\): .*')
  [[ -n $where ]] || return 0
  where=$(sed -E "s#^e: (file://)?##; s#$PWD/##g; s#: \(([0-9]+), [0-9]+\): #:\1: #; s#(\.kts?:[0-9]+):[0-9]+:? #\1: #; s#: error: #: #" <<<"$where")
  refuse "does not compile: $where" "make ./gradlew assemble work on your machine, then push again"
}

explain_java() {
  local wanted
  wanted=$(found '\{languageVersion=[^}]*\}')
  if [[ -n $wanted ]] && grep -qE 'Cannot find a Java installation|No (matching|locally installed) toolchains|Could not determine the dependencies' "$scratch/gradle.log"; then
    refuse "the toolchain $(tr -d '{}' <<<"$wanted") is not Java $java of Debian" \
      "ask in the build script for languageVersion $java alone, of no vendor ($(can | listed) can be had)"
  fi
  if grep -qE 'Unsupported class file major version|Gradle requires JVM|incompatible Java|Could not initialize class org.codehaus.groovy|Could not determine java version' "$scratch/gradle.log"; then
    refuse "Gradle $gradle does not run on Java $java" \
      "take a newer one (./gradlew wrapper --gradle-version $newest_gradle), or an older Java with java.runtime.version in system.properties: $(can | listed)"
  fi
  wanted=$(found 'release version [0-9]+ not supported|invalid (source|target) release: [0-9.]+|Unknown Kotlin JVM target: [0-9]+|Inconsistent JVM[- ][Tt]arget.*')
  [[ -z $wanted ]] || refuse "Java $java does not do for this project ($wanted)" \
    "choose Java with java.runtime.version in system.properties ($(can | listed)), or a toolchain in the build script"
}

explain_dependencies() {
  local line host
  line=$(found "(Could not (GET|HEAD) '[^']+'.*|Could not (resolve|get resource) .*|> (.*: )?(Name or service not known|No such host is known|Temporary failure in name resolution)|.*(PKIX path|Connection refused|Connect to .* failed|[Cc]onnect timed out|Read timed out|UnknownHostException).*)")
  if grep -qE 'Name or service not known|UnknownHost|No such host|name resolution|PKIX path|Connection refused|[Cc]onnect timed out|Read timed out|No route to host|Network is unreachable' "$scratch/gradle.log"; then
    host=$(found "Could not (GET|HEAD) 'https?://[^/']+" | sed -E "s#.*://##")
    [[ -n $host ]] || host=$(found 'https?://[^/ ]+' | sed -E 's#.*://##')
    refuse "${host:-a repository} did not answer" "look at the repositories in $script, and at the server's network, proxy and CA settings"
  fi
  line=$(found "Plugin \[id: '[^']+'(, version: '[^']+')?" | sed -E "s/.*id: '([^']+)'(, version: '([^']+)')?/\1 \3/")
  [[ -z $line ]] || refuse "no repository has the plugin $line" "correct its name or version in $script, or add the repository that has it in settings.gradle (pluginManagement)"
  line=$(found 'Could not find [A-Za-z0-9_.-]+:[A-Za-z0-9_.-]+:[A-Za-z0-9_.+-]*' | awk '{ print $NF }')
  [[ -z $line ]] || refuse "no repository has ${line%.}" "correct its name or version in $script, or add the repository that has it"
  if grep -q 'because no repositories are defined' "$scratch/gradle.log"; then
    refuse "the build script names no repository" "add repositories { mavenCentral() } to $script"
  fi
  line=$(found "Dependency verification failed.*")
  [[ -z $line ]] || refuse "$line" "bring gradle/verification-metadata.xml up to date (gradle --write-verification-metadata sha256)"
}

explain_script() {
  local where what
  where=$(found "(Build|Settings) file '[^']+' line: [0-9]+" | sed -E "s#.* file '$PWD/([^']+)' line: #\1:#")
  what=$(grep -m1 -A1 '^\* What went wrong:' "$scratch/gradle.log" | tail -1 | cut -c1-200)
  [[ -z $where ]] || refuse "$where: $what" "make ./gradlew tasks work on your machine, then push again"
  what=$(found "Task '[^']+' (is ambiguous|not found) in [^.]*")
  [[ -z $what ]] || refuse "$what" "correct BP_GRADLE_BUILD_ARGUMENTS in the configuration"
}

# explain_gradle EXIT-CODE
explain_gradle() {
  explain_compilation
  explain_java
  explain_dependencies
  explain_script
  if grep -q 'There were failing tests' "$scratch/gradle.log"; then
    refuse "tests failed" "make ./gradlew check work on your machine, then push again"
  fi
  if grep -qE 'Java heap space|OutOfMemoryError|Metaspace' "$scratch/gradle.log"; then
    refuse "Gradle ran out of memory" "give it more with org.gradle.jvmargs in gradle.properties, within the limit of builds"
  fi
  local what
  what=$(grep -m1 -A1 '^\* What went wrong:' "$scratch/gradle.log" | tail -1 | cut -c1-200)
  refuse "Gradle failed with exit code $1${what:+: $what}" "make ./gradlew assemble work on your machine, then push again"
}

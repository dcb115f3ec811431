# Turns what Maven printed into cause and next step.

# found PATTERN: the first match in Maven's output.
found() { grep -m1 -oE "$1" "$scratch/maven.log" || true; }

explain_compilation() {
  local where
  where=$(found '^\[ERROR\] [^ ]+\.(java|kt|scala):\[[0-9]+,[0-9]+\] .*')
  [[ -n $where ]] || return 0
  where=$(sed -E "s#^\[ERROR\] ##; s#^$PWD/##; s#:\[([0-9]+),[0-9]+\] (error: )?#:\1: #" <<<"$where")
  refuse "does not compile: $where" "make mvn package work on your machine, then push again"
}

explain_release() {
  local release
  release=$(found 'release version [0-9]+ not supported|invalid target release: [0-9.]+|Unsupported class file major version [0-9]+')
  [[ -n $release ]] || return 0
  refuse "Java $java does not do for this project ($release)" \
    "choose Java with java.runtime.version in system.properties: $(can | paste -sd' ' | sed 's/ / or /')"
}

explain_dependencies() {
  local missing host refused
  refuse_login_of "${WIDEMESH_MAVEN_MIRROR-}" WIDEMESH_MAVEN_MIRROR 'Could not transfer .*\b401\b' "$scratch/maven.log"
  refused=$(found 'Could not transfer (artifact|metadata) .*((status|status code|code:?):? 40[13]|[^a-zA-Z](Unauthorized|Forbidden|Not authorized|[Aa]uthentication failed|[Aa]uthorization failed|Access denied)).*')
  if [[ -n $refused ]]; then
    host=$(grep -oE 'https?://[^/ )]+' <<<"$refused" | head -1 || true)
    refuse "$(host_of "${host:-a Maven repository}") does not let $(awk '{ print $5 }' <<<"$refused") be fetched without the right name and password" \
      "give them as a <server> with the repository's id in settings.xml at the top of the app; a password that comes from the configuration is \${env.BP_NAME} there"
  fi
  host=$(found 'Could not transfer (artifact|metadata) .*(Connect|timed out|Unknown host|No route|refused|PKIX|certificate|resolution)[^:]*')
  if [[ -n $host ]]; then
    host=$(grep -oE 'https?://[^/ )]+' <<<"$host" | head -1)
    refuse "${host:-a Maven repository} did not answer" "look at the repositories in pom.xml, and at the server's network, proxy and CA settings"
  fi
  missing=$(found '(Could not find artifact|Failure to find) [^ ]+' | awk '{ print $NF }')
  if [[ -n $missing ]]; then
    refuse "no Maven repository has $missing" "correct its name or version in pom.xml, or add the repository that has it"
  fi
}

explain_wrapper() {
  local url
  url=$(found '(wget|curl): Failed to fetch [^ ]+' | awk '{ print $NF }')
  [[ -z $url ]] || refuse "mvnw could not fetch $url" "correct distributionUrl in $wrapper, or look at the server's network, proxy and CA settings"
}

explain_pom() {
  local problem
  problem=$(found '^\[(ERROR|FATAL)\].*(Non-parseable POM|Malformed POM|Non-resolvable parent POM|is missing|Unknown packaging)[^@]*')
  [[ -n $problem ]] || return 0
  refuse "pom.xml is not right: $(sed -E 's/^\[(ERROR|FATAL)\] *//; s#/workspace/##; s/ +$//' <<<"$problem" | cut -c1-200)" "correct pom.xml"
}

# explain_maven EXIT-CODE
explain_maven() {
  explain_wrapper
  explain_compilation
  explain_release
  explain_dependencies
  explain_pom
  if grep -q 'There are test failures' "$scratch/maven.log"; then
    refuse "tests failed" "make mvn verify work on your machine, then push again"
  fi
  local goal
  goal=$(found 'Failed to execute goal [^:]+:[^:]+:[^:]+:[a-zA-Z-]+' | awk '{ print $NF }')
  refuse "Maven failed with exit code $1${goal:+ at $goal}" "make mvn package work on your machine, then push again"
}

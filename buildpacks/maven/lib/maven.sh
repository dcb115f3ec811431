# Builds the app with Maven: the project's own (mvnw) or a pinned one. The local repository lies in
# a layer, so that nothing is fetched twice.

maven_version=3.9.16
maven_sha512=831a8591fe20c8243b1dbe7d71e3244f31d1665b0804b2e825e38cbbe5ce0cafb8338851f90780735568773e0a6cd07bbec107cda0b896b008b861075358b6f6
wrapper=.mvn/wrapper/maven-wrapper.properties

cache_toml() { printf '[types]\ncache = true\n' >"$layers/$1.toml"; }

# install_maven WHY URL SUM
install_maven() {
  provide_distribution maven "Maven $maven_version" "$2" "$3" "look at the server's network, proxy and CA settings, then push again"
  detail "$1"
  maven=("$layers/maven/bin/mvn")
}

# With a wrapper the project chooses. What is no plain Maven (mvnd, sources) is left to the wrapper's
# own program.
provide_maven() {
  local url=""
  if [[ -f $wrapper ]]; then url=$(property distributionUrl "$wrapper"); fi
  if [[ $url =~ (^|/)apache-maven-([0-9][A-Za-z0-9.+-]*)-bin\.(zip|tar\.gz)$ ]]; then
    maven_version=${BASH_REMATCH[2]}
    install_maven "distributionUrl in $wrapper chooses it" "$url" "$(property distributionSha256Sum "$wrapper")"
  elif [[ -n $url && -f mvnw ]]; then
    mkdir -p "$layers/wrapper"
    cache_toml wrapper
    export MAVEN_USER_HOME=$layers/wrapper
    maven=(sh ./mvnw)
    step "Maven: the project's own (mvnw)"
  else
    wrapper=""
    install_maven "the default; choose another with the Maven wrapper (mvn wrapper:wrapper)" \
      "$central/org/apache/maven/apache-maven/$maven_version/apache-maven-$maven_version-bin.tar.gz" "$maven_sha512"
  fi
}

as_xml() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' <<<"$1"; }

as_login() { printf '<username>%s</username><password>%s</password>' "$(as_xml "$1")" "$(as_xml "$2")"; }

# These settings tell Maven the proxies and the mirror. They stand in for its own,
# whose only content forbids repositories without TLS. The mirror is called as what it stands for: under another name Maven
# would fetch anew what it has. And as a pattern it comes behind a mirror of all that the app's own settings name.
network_settings() {
  local name mirror=false
  printf '<settings><mirrors><mirror><id>maven-default-http-blocker</id><mirrorOf>external:http:*</mirrorOf>'
  printf '<url>http://0.0.0.0/</url><blocked>true</blocked></mirror>\n'
  if read_mirror "${WIDEMESH_MAVEN_MIRROR-}"; then
    mirror=true
    printf '<mirror><id>central</id><mirrorOf>central,central</mirrorOf><url>%s</url></mirror>\n' "$(as_xml "$mirror_url")"
  fi
  printf '</mirrors>\n'
  if $mirror && [[ -n $mirror_user ]]; then
    printf '<servers><server><id>central</id>%s</server></servers>\n' "$(as_login "$mirror_user" "$mirror_password")"
  fi
  printf '<proxies>\n'
  for name in http https; do
    if read_proxy "$name"; then
      printf '<proxy><id>%s</id><active>true</active><protocol>%s</protocol><host>%s</host><port>%s</port>' \
        "$name" "$name" "$proxy_host" "$proxy_port"
      if [[ -n $proxy_user ]]; then as_login "$proxy_user" "$proxy_password"; fi
      printf '<nonProxyHosts>%s</nonProxyHosts></proxy>\n' "$(without_proxy)"
    fi
  done
  printf '</proxies></settings>\n'
}

# The repository came back as hard links. Maven writes these small files in place, and the kept
# repository must stay as it is should this build fail.
own_small_files() {
  find "$layers/repository" -type f -links +1 \
    \( -name _remote.repositories -o -name '*.properties' -o -name 'maven-metadata*' -o -name '*.lastUpdated' \) -print0 |
    xargs -0 -r sh -c 'for f; do cp -p "$f" "$f.own" && mv "$f.own" "$f"; done' sh
}

# What Java 19 and later loads for Maven and the compiler, as it lies in memory: a fifth less to do for
# a small app. Java writes it where it lacks or no longer fits.
share_classes() {
  ((java >= 19)) || return 0
  mkdir -p "$layers/classes"
  cache_toml classes
  printf -- '-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=%s/classes/maven.jsa -Xlog:disable' "$layers"
}

# One that fetches nothing to say has a word of its own for it since 3.6.1.
quiet_transfers() {
  if [[ ${maven[0]} == */mvn && $(printf '%s\n' 3.6.1 "$maven_version" | sort -V | head -1) != 3.6.1 ]]; then
    echo -Dorg.slf4j.simpleLogger.log.org.apache.maven.cli.transfer.Slf4jMavenTransferListener=warn
  else
    echo -ntp
  fi
}

# own_settings ARGUMENT...: whether there are settings at the top, and nobody names others.
own_settings() {
  local words=$*
  if [[ -f .mvn/maven.config ]]; then words+=" $(<.mvn/maven.config)"; fi
  [[ ! $words =~ (^|[[:space:]])(-s|--settings)([^a-z]|$) ]] && grep -qsE '<settings([[:space:]>]|$)' settings.xml
}

fetched() { find "$layers/repository" -type f \( -name '*.jar' -o -name '*.pom' \) -cnewer "$scratch/before" -printf '%s\n'; }

run_maven() {
  local arguments=() settings=() code=0
  mkdir -p "$layers/repository"
  cache_toml repository
  own_small_files
  touch "$scratch/before"
  if [[ -n ${http_proxy-}${https_proxy-}${WIDEMESH_MAVEN_MIRROR-} ]]; then
    network_settings >"$scratch/settings.xml"
    settings=(-gs "$scratch/settings.xml")
  fi
  read -ra arguments <<<"${BP_MAVEN_BUILD_ARGUMENTS:--DskipTests package}"
  if own_settings "${arguments[@]}"; then
    settings+=(-s settings.xml)
    detail "with settings.xml"
  fi
  # Without the hour of the build in the jar the same commit gives the same jar.
  grep -q '<project.build.outputTimestamp>' pom.xml || arguments+=(-Dproject.build.outputTimestamp=2000-01-01T00:00:00Z)
  export MAVEN_OPTS="-XX:MaxRAMPercentage=60 -XX:+UseSerialGC -XX:TieredStopAtLevel=1 $(share_classes) ${MAVEN_OPTS-}"
  step "mvn ${BP_MAVEN_BUILD_ARGUMENTS:--DskipTests package}"
  if [[ -n ${WIDEMESH_MAVEN_MIRROR-} ]]; then detail "the repository central is the operator's mirror $(host_of "$WIDEMESH_MAVEN_MIRROR")"; fi
  "${maven[@]}" -B "$(quiet_transfers)" -Dstyle.color=never -Dmaven.repo.local="$layers/repository" \
    "${settings[@]}" "${arguments[@]}" 2>&1 |
    tee "$scratch/maven.log" | quieter | indented || code=$?
  ((code == 0)) || explain_maven "$code"
  fetched | awk '{ bytes += $1 } END {
    if (NR == 0) print "       Dependencies from the cache: nothing fetched"
    else printf "       Fetched %d files (%.1f MB) that the cache did not have\n", NR, bytes / 1e6 }'
}

# What Maven says of itself is of no use here.
quieter() {
  sed -uE '/^\[INFO\] *(-+(< .* >-+|\[ .* \]-+)?)?$/d; /^\[INFO\] (Scanning for projects|Total time|Finished at|BUILD SUCCESS|  from )/d; /^WARNING: /d; s/^\[INFO\] //'
}

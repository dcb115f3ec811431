# Builds the app with Maven: the project's own (mvnw) or a pinned one. The local repository lies in
# a layer, so that nothing is fetched twice.

central=https://repo.maven.apache.org/maven2
maven_version=3.9.16
maven_sha512=831a8591fe20c8243b1dbe7d71e3244f31d1665b0804b2e825e38cbbe5ce0cafb8338851f90780735568773e0a6cd07bbec107cda0b896b008b861075358b6f6

cache_toml() { printf '[types]\ncache = true\n%s' "${2-}" >"$layers/$1.toml"; }

# With a Maven wrapper the project chooses.
provide_maven() {
  if [[ -f mvnw && -f .mvn/wrapper/maven-wrapper.properties ]]; then
    mkdir -p "$layers/wrapper"
    cache_toml wrapper
    export MAVEN_USER_HOME=$layers/wrapper
    maven=(sh ./mvnw)
    step "Maven: the project's own (mvnw)"
    return
  fi
  local is="[metadata]
version = \"$maven_version\""
  if [[ -x $layers/maven/bin/mvn ]] && grep -qxF "version = \"$maven_version\"" "$layers/maven.toml"; then
    step "Maven $maven_version (reused)"
  else
    step "Installing Maven $maven_version"
    rm -rf "${layers:?}/maven"
    fetch "$central/org/apache/maven/apache-maven/$maven_version/apache-maven-$maven_version-bin.tar.gz" "$scratch/maven.tar.gz" ||
      cannot_fetch "$central"
    sha512sum --status -c - <<<"$maven_sha512  $scratch/maven.tar.gz" ||
      refuse "Maven $maven_version arrived damaged (sha512 differs)" "push again"
    mkdir "$layers/maven"
    tar -xzf "$scratch/maven.tar.gz" -C "$layers/maven" --strip-components 1
  fi
  cache_toml maven "
$is
"
  maven=("$layers/maven/bin/mvn")
}

# What stands percent-encoded in a proxy's address, as XML wants it.
decoded() {
  printf '%b' "$(sed -E 's/\\/\\\\/g; s/%([0-9A-Fa-f]{2})/\\x\1/g' <<<"$1")" |
    sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'
}

# Maven does not know the variables that everybody else reads. These settings stand in for its own,
# whose only content forbids repositories without TLS.
proxy_settings() {
  local name value
  printf '<settings><mirrors><mirror><id>maven-default-http-blocker</id><mirrorOf>external:http:*</mirrorOf>'
  printf '<url>http://0.0.0.0/</url><blocked>true</blocked></mirror></mirrors>\n<proxies>\n'
  for name in http https; do
    value=${name}_proxy value=${!value-}
    if [[ $value =~ ^(https?://)?(([^:@/]+)(:([^@/]*))?@)?([^:/@]+)(:([0-9]+))?/?$ ]]; then
      printf '<proxy><id>%s</id><active>true</active><protocol>%s</protocol><host>%s</host><port>%s</port>' \
        "$name" "$name" "${BASH_REMATCH[6]}" "${BASH_REMATCH[8]:-3128}"
      if [[ -n ${BASH_REMATCH[3]} ]]; then
        printf '<username>%s</username><password>%s</password>' "$(decoded "${BASH_REMATCH[3]}")" "$(decoded "${BASH_REMATCH[5]}")"
      fi
      printf '<nonProxyHosts>%s</nonProxyHosts></proxy>\n' "$(sed -E 's/,/|/g; s/(^|\|)\./\1*./g; s/ //g' <<<"${no_proxy-}")"
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

fetched() { find "$layers/repository" -type f \( -name '*.jar' -o -name '*.pom' \) -cnewer "$scratch/before" -printf '%s\n'; }

run_maven() {
  local arguments=() proxies=() code=0
  mkdir -p "$layers/repository"
  cache_toml repository
  own_small_files
  touch "$scratch/before"
  if [[ -n ${http_proxy-}${https_proxy-} ]]; then
    proxy_settings >"$scratch/settings.xml"
    proxies=(-gs "$scratch/settings.xml")
  fi
  read -ra arguments <<<"${BP_MAVEN_BUILD_ARGUMENTS:--DskipTests package}"
  # Without the hour of the build in the jar the same commit gives the same jar.
  grep -q '<project.build.outputTimestamp>' pom.xml || arguments+=(-Dproject.build.outputTimestamp=2000-01-01T00:00:00Z)
  export MAVEN_OPTS="-XX:MaxRAMPercentage=60 -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${MAVEN_OPTS-}"
  step "mvn ${BP_MAVEN_BUILD_ARGUMENTS:--DskipTests package}"
  "${maven[@]}" -B -ntp -Dstyle.color=never -Dmaven.repo.local="$layers/repository" \
    "${proxies[@]}" "${arguments[@]}" 2>&1 |
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

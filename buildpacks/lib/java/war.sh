# A web archive that does not start by itself is served by Tomcat, at the root. `war` is its path,
# empty where there is none.

# servlets FOLDER: sets `tomcat` to its major version, and `because`. With Jakarta EE 9 the names of
# the servlets' packages changed.
choose_tomcat() {
  tomcat=11 because="it is for Jakarta EE 9 or newer"
  if [[ -n ${BP_TOMCAT_VERSION-} ]]; then
    tomcat=$BP_TOMCAT_VERSION because="BP_TOMCAT_VERSION in the configuration"
    grep -q "^$tomcat"$'\t' "$CNB_BUILDPACK_DIR/lib/java/tomcat.tsv" ||
      refuse "there is no Tomcat $tomcat here ($because)" "set BP_TOMCAT_VERSION to 9 (javax.servlet) or 11 (jakarta.servlet)"
  elif ! grep -rqs 'jakarta/servlet/' "$1/WEB-INF/classes" &&
    { grep -rqs 'javax/servlet/' "$1/WEB-INF/classes" || grep -qsE 'java\.sun\.com|xmlns\.jcp\.org' "$1/WEB-INF/web.xml" ||
      compgen -G "$1/WEB-INF/lib/spring-web-[345].*" >/dev/null; }; then
    tomcat=9 because="it uses javax.servlet"
  fi
  [[ -n ${BP_TOMCAT_VERSION-} ]] || because+="; choose another with the configuration BP_TOMCAT_VERSION"
}

# What Tomcat is told: the layer `tomcat-base`.
configure_tomcat() {
  local base=$layers/tomcat-base
  rm -rf "$base"
  mkdir -p "$base/conf" "$base/env.launch"
  cp "$layers/tomcat/conf"/{catalina.properties,web.xml} "$base/conf/"
  printf '\norg.apache.tomcat.util.digester.PROPERTY_SOURCE=org.apache.tomcat.util.digester.EnvironmentPropertySource\n' >>"$base/conf/catalina.properties"
  printf 'handlers = java.util.logging.ConsoleHandler\n.handlers = java.util.logging.ConsoleHandler\njava.util.logging.ConsoleHandler.formatter = org.apache.juli.OneLineFormatter\n' >"$base/conf/logging.properties"
  sed "s#\"APP\"#\"$PWD/$1\"#" "$CNB_BUILDPACK_DIR/lib/java/server.xml" >"$base/conf/server.xml"
  printf '%s' "$base" >"$base/env.launch/CATALINA_BASE.default"
  printf '/tmp' >"$base/env.launch/CATALINA_TMPDIR.default"
  printf '[types]\nlaunch = true\n' >"$layers/tomcat-base.toml"
}

# Sets `start`. A Procfile may want the archive itself: java -jar target/dependency/webapp-runner.jar target/*.war.
serve_war() {
  if [[ -z $war ]] || names_processes; then return 0; fi
  local folder=${war%.war} version sum wrapper=""
  if [[ ! -d $folder ]]; then
    unzip -q "$war" -d "$folder" || refuse "$war cannot be unpacked" "push again"
  fi
  rm "$war"
  choose_tomcat "$folder"
  read -r _ version sum < <(grep "^$tomcat"$'\t' "$CNB_BUILDPACK_DIR/lib/java/tomcat.tsv")
  provide_distribution tomcat "Tomcat $version" \
    "$central/org/apache/tomcat/tomcat/$version/tomcat-$version.tar.gz" "$sum" \
    "look at the server's network, proxy and CA settings, then push again" true
  detail "$war is served by Tomcat $tomcat: $because"
  rm -rf "${layers:?}"/tomcat/{webapps,temp,logs,work}
  configure_tomcat "$folder"
  start=("$layers/tomcat/bin/catalina.sh" run)
}

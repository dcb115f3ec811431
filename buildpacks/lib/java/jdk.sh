# Java to build with in the layer `jdk`, and to run on in the layer `jre`, linked from it.

# What apps use, without the tools of developers; with those that look into a running program.
modules=java.se,jdk.attach,jdk.charsets,jdk.crypto.cryptoki,jdk.crypto.ec,jdk.dynalink,jdk.httpserver
modules+=,jdk.jcmd,jdk.jdwp.agent,jdk.jfr,jdk.localedata,jdk.management,jdk.management.agent,jdk.management.jfr
modules+=,jdk.naming.dns,jdk.naming.rmi,jdk.net,jdk.nio.mapmode,jdk.sctp,jdk.security.auth,jdk.security.jgss
modules+=,jdk.unsupported,jdk.xml.dom,jdk.zipfs

# Half of the container is too much and a quarter (Java's own choice) too little for one program
# that has it for itself; out of memory, it had better start afresh. JAVA_TOOL_OPTIONS wins.
options='-XX:MaxRAMPercentage=65 -XX:+ExitOnOutOfMemoryError'

is_there() { [[ -x $layers/$1/bin/java ]] && was_made_for "$1" "$2"; }

# java.tsv has columns of the JDK and the runtime for amd64, then for arm64.
java_packages() {
  awk -v j="$java" -v arch="$arch" '$1 == j {
    c = arch == "arm64" ? 5 : 3
    for (i = 0; i < 2; i++) {
      name = "openjdk-" j (i ? "-jre-headless" : "-jdk-headless")
      print name, "o/openjdk-" j "/" name "_" $2 "_" arch ".deb", $(c + i)
    } }' "$pins"
}

# Debian keeps the settings in /etc.
settings_inside() {
  local link
  while IFS= read -r -d '' link; do
    cp --remove-destination "$2$(readlink "$link")" "$link"
  done < <(find "$1" -type l -lname '/etc/java-*' -print0)
}

# Debian 13 has no Java as old as 17.
debian_of() { if java_packages | grep -q '~deb12'; then printf bookworm; else printf trixie; fi; }

provide_jdk() {
  local is home debian_release
  debian_release=$(debian_of)
  is="key = \"$(awk -v j="$java" '$1 == j { print $1, $2 }' "$pins") $arch $(authorities_key)\""
  if is_there jdk "$is"; then
    step "OpenJDK $java (reused)"
  else
    step "Installing OpenJDK $java"
    rm -rf "${layers:?}/jdk"
    unpack_packages "$scratch/debian" "choose another Java with java.runtime.version in system.properties" \
      --exclude='./usr/share/*' < <(java_packages)
    home=$(echo "$scratch/debian/usr/lib/jvm/java-$java-openjdk-"*)
    settings_inside "$home" "$scratch/debian"
    rm -f "$home/lib/src.zip"
    mv "$home" "$layers/jdk"
    rm -rf "$scratch/debian"
    # shellcheck disable=SC2046
    write_trust "$layers/jdk" $(build_authorities)
    detail "$("$layers/jdk/bin/java" --version | sed -n 2p), from Debian ($debian_release)"
  fi
  layer_toml jdk true false "$is"
  export JAVA_HOME=$layers/jdk PATH=$layers/jdk/bin:$PATH
}

provide_jre() {
  local is archive=()
  is="key = \"$(awk -v j="$java" '$1 == j { print $1, $2 }' "$pins") $arch $options same $(sha256sum <"$system_authorities" | cut -c1-16)\""
  if ! is_there jre "$is"; then
    rm -rf "${layers:?}/jre"
    # The archive of an older one is another each time that it is made, and so were the image.
    if ((java >= 19)); then archive=(--generate-cds-archive); fi
    jlink --add-modules "$modules" --no-header-files --no-man-pages "${archive[@]}" \
      --add-options "$options" --output "$layers/jre" >"$scratch/jlink.log" 2>&1 || {
      indented <"$scratch/jlink.log"
      refuse "the Java runtime cannot be linked (jlink failed)" "push again; if that does not help, choose another Java"
    }
    write_trust "$layers/jre" "$system_authorities"
    mkdir -p "$layers/jre/env.launch"
    printf '%s' "$layers/jre" >"$layers/jre/env.launch/JAVA_HOME.default"
  fi
  layer_toml jre false true "$is"
}

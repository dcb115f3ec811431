# Java to build with in the layer `jdk`, and to run on in the layer `jre`, linked from it.

# What apps use, without the tools of developers; with those that look into a running program.
modules=java.se,jdk.attach,jdk.charsets,jdk.crypto.cryptoki,jdk.crypto.ec,jdk.dynalink,jdk.httpserver
modules+=,jdk.jcmd,jdk.jdwp.agent,jdk.jfr,jdk.localedata,jdk.management,jdk.management.agent,jdk.management.jfr
modules+=,jdk.naming.dns,jdk.naming.rmi,jdk.net,jdk.nio.mapmode,jdk.sctp,jdk.security.auth,jdk.security.jgss
modules+=,jdk.unsupported,jdk.xml.dom,jdk.zipfs

# Half of the container is too much and a quarter (Java's own choice) too little for one program
# that has it for itself; out of memory, it had better start afresh. JAVA_TOOL_OPTIONS wins.
options='-XX:MaxRAMPercentage=65 -XX:+ExitOnOutOfMemoryError'

layer_toml() { printf '[types]\nbuild = %s\nlaunch = %s\ncache = true\n\n[metadata]\n%s\n' "$2" "$3" "$4" >"$layers/$1.toml"; }

is_there() { [[ -x $layers/$1/bin/java ]] && grep -qxF "$2" "$layers/$1.toml" 2>/dev/null; }

# Debian keeps the settings in /etc.
settings_inside() {
  local link
  while IFS= read -r -d '' link; do
    cp --remove-destination "$2$(readlink "$link")" "$link"
  done < <(find "$1" -type l -lname '/etc/java-*' -print0)
}

provide_jdk() {
  local is home
  is="key = \"$(awk -v j="$java" '$1 == j { print $1, $2 }' "$pins") $arch $(authorities_key)\""
  if is_there jdk "$is"; then
    step "OpenJDK $java (reused)"
  else
    step "Installing OpenJDK $java"
    rm -rf "${layers:?}/jdk"
    unpack_java "$scratch/debian"
    home=$(echo "$scratch/debian/usr/lib/jvm/java-$java-openjdk-"*)
    settings_inside "$home" "$scratch/debian"
    rm -f "$home/lib/src.zip"
    mv "$home" "$layers/jdk"
    rm -rf "$scratch/debian"
    # shellcheck disable=SC2046
    write_trust "$layers/jdk" $(build_authorities)
    detail "$("$layers/jdk/bin/java" --version | sed -n 2p), from Debian 13"
  fi
  layer_toml jdk true false "$is"
  export JAVA_HOME=$layers/jdk PATH=$layers/jdk/bin:$PATH
}

provide_jre() {
  local is
  is="key = \"$(awk -v j="$java" '$1 == j { print $1, $2 }' "$pins") $arch $options $(sha256sum <"$system_authorities" | cut -c1-16)\""
  if ! is_there jre "$is"; then
    rm -rf "${layers:?}/jre"
    jlink --add-modules "$modules" --no-header-files --no-man-pages --generate-cds-archive \
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

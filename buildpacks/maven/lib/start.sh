# The web process, unless a Procfile names the processes.

# Spring Boot listens on server.port, which it also reads from SERVER_PORT.
port_for_spring_boot() {
  mkdir -p "$layers/spring-boot/exec.d"
  install -m 755 "$CNB_BUILDPACK_DIR/lib/server-port" "$layers/spring-boot/exec.d/server-port"
  printf '[types]\nlaunch = true\n' >"$layers/spring-boot.toml"
}

declare_process() {
  [[ -n $runnable ]] || return 0
  if $spring_boot; then port_for_spring_boot; fi
  [[ -f Procfile ]] || detail "Start: java -jar $runnable (a Procfile overrides it)"
  printf '[[processes]]\ntype = "web"\ncommand = ["java", "-jar", "%s"]\ndefault = true\n' "$runnable" >"$layers/launch.toml"
}

# The web process, unless a Procfile names the processes.

start=() chosen_by=""

# Spring Boot listens on server.port, which it also reads from SERVER_PORT.
port_for_spring_boot() {
  mkdir -p "$layers/spring-boot/exec.d"
  install -m 755 "$CNB_BUILDPACK_DIR/lib/java/server-port" "$layers/spring-boot/exec.d/server-port"
  printf '[types]\nlaunch = true\n' >"$layers/spring-boot.toml"
}

# The command is `start`, or the jar `runnable`.
declare_process() {
  if [[ -n $runnable ]]; then
    if $spring_boot; then port_for_spring_boot; fi
    start=(java -jar "$runnable")
  fi
  ((${#start[@]})) || return 0
  names_processes || detail "Start: ${start[*]} ($chosen_by; a Procfile overrides it)"
  {
    printf '[[processes]]\ntype = "web"\ncommand = ['
    printf '"%s", ' "${start[@]}"
    printf ']\ndefault = true\n'
  } >"$layers/launch.toml"
}

# nginx and PHP-FPM, in the layer `server`: files as they are, all else to the front controller.

choose_root() {
  local folder
  root=${BP_PHP_ROOT-} root_by="BP_PHP_ROOT"
  root=${root%/}
  if [[ -z $root ]]; then
    for folder in public web .; do
      if [[ -f $folder/index.php ]]; then
        root=$folder root_by=${folder#.}/index.php root_by=${root_by#/}
        break
      fi
    done
  elif ! is_inside "$root" || [[ ! -d $root ]]; then
    refuse "'$root' is not a folder of this repository (BP_PHP_ROOT)" "mesh stack config set BP_PHP_ROOT=public, then push again"
  fi
}

write_server() {
  local without=()
  [[ $root -ef . ]] || without=(-e "/# Where the app's own folder is the root/,/^\$/d")
  rm -rf "${layers:?}/server"
  mkdir -p "$layers/server/bin"
  sed -e "s|@ROOT@|$PWD/${root#.}|" -e "s|@LAYER@|$layers/server|" -e "s|@VENDOR@|${vendor//./[.]}|" "${without[@]}" "$CNB_BUILDPACK_DIR/nginx.conf" >"$layers/server/nginx.conf"
  cp "$CNB_BUILDPACK_DIR/php-fpm.conf" "$CNB_BUILDPACK_DIR/mime.types" "$layers/server/"
  install -m 755 "$CNB_BUILDPACK_DIR/serve" "$layers/server/bin/serve-php"
  printf '[types]\nlaunch = true\n' >"$layers/server.toml"
}

declare_process() {
  if [[ -n $root ]]; then
    write_server
    printf '[[processes]]\ntype = "web"\ncommand = ["serve-php"]\ndefault = true\n' >"$layers/launch.toml"
    [[ -f Procfile ]] || detail "Start: nginx and PHP-FPM, from ${root/#./the top folder} ($root_by; a Procfile or BP_PHP_ROOT overrides it)"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts: there is no index.php at the top, in public or in web" \
      "add one, name its folder with mesh stack config set BP_PHP_ROOT=<folder>, or add a Procfile with \"web: <command>\""
  fi
  if [[ -f package.json ]]; then detail "package.json is not built: commit what its build makes"; fi
}

# nginx and PHP-FPM, in the layer `server`: files as they are, all else to the front controller.

# read_procfile: `heroku` is how the line of the web process calls a server of Heroku's, which ours then stands for;
# `heroku_root` what it is to serve.
read_procfile() {
  local line="" word words=() call='(^|[[:space:]])(([^[:space:];&|]*/)?heroku-php-(apache2|nginx))($|[[:space:]][^;&|]*)'
  heroku="" heroku_root=.
  [[ ! -f Procfile ]] || line=$(sed -nE 's/^[[:space:]]*web:[[:space:]]*//p' Procfile | tr -d '\r')
  [[ $line =~ $call ]] || return 0
  heroku=${BASH_REMATCH[2]}
  read -ra words <<<"${BASH_REMATCH[5]}"
  for word in "${words[@]}"; do
    [[ $word != -* ]] || refuse "$heroku in the Procfile has the option $word, which is not known here" \
      "leave it out: a .user.ini has settings of PHP, WEB_CONCURRENCY says how many requests it answers at once; another server needs a Dockerfile"
    heroku_root=${word//[\"\']/}
  done
}

choose_root() {
  local folder
  root=${BP_PHP_ROOT-} root_by="BP_PHP_ROOT"
  read_procfile
  if [[ -z $root && -n $heroku ]]; then root=$heroku_root root_by="$heroku in the Procfile"; fi
  root=${root%/}
  if [[ -z $root ]]; then
    for folder in public web .; do
      if [[ -f $folder/index.php ]]; then
        root=$folder root_by=${folder#.}/index.php root_by=${root_by#/}
        break
      fi
    done
  elif ! is_inside "$root" || [[ ! -d $root ]]; then
    refuse "'$root' is not a folder of this repository ($root_by)" "mesh stack config set BP_PHP_ROOT=public, then push again"
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
  add_names
  printf '[types]\nlaunch = true\n' >"$layers/server.toml"
}

# By the names of Heroku's, on the path and where the Procfile has them.
add_names() {
  local each
  for each in heroku-php-apache2 heroku-php-nginx; do ln -s serve-php "$layers/server/bin/$each"; done
  [[ $heroku == */* ]] || return 0
  is_inside "$heroku" || refuse "'$heroku' in the Procfile is not in this repository" "write web: ${heroku##*/} $root"
  mkdir -p "${heroku%/*}"
  ln -sfn "$layers/server/bin/serve-php" "$heroku"
}

declare_process() {
  if [[ -n $root ]]; then
    write_server
    printf '[[processes]]\ntype = "web"\ncommand = ["serve-php"]\ndefault = true\n' >"$layers/launch.toml"
    if [[ -n $heroku ]]; then
      detail "Start: ${heroku##*/} is nginx and PHP-FPM here, from ${root/#./the top folder} ($root_by)"
      if [[ $heroku == *apache2 && -f $root/.htaccess ]]; then detail ".htaccess is not read: what is no file goes to index.php"; fi
    fi
    [[ -f Procfile ]] || detail "Start: nginx and PHP-FPM, from ${root/#./the top folder} ($root_by; a Procfile or BP_PHP_ROOT overrides it)"
  elif [[ ! -f Procfile ]]; then
    refuse "nothing says how this app starts: there is no index.php at the top, in public or in web" \
      "add one, name its folder with mesh stack config set BP_PHP_ROOT=<folder>, or add a Procfile with \"web: <command>\""
  fi
  if [[ -f package.json && -z $(type -P node) ]]; then
    detail "package.json is not built: mesh stack buildpacks set widemesh/nodejs widemesh/php, or commit what its build makes"
  fi
}

# Debian's PHP in the layer `php`.

packages_of() { awk -v v="$php" -v arch="$arch" '$1 == v { file = $3; sub(/ARCH/, arch, file); print $2, file, (arch == "arm64" ? $5 : $4) }' "$pins"; }

all_extensions() { (cd "$layers/php/extensions" && printf '%s\n' *.so | sed 's/\.so$//'); }

# Debian's own lists are made by scripts that run at installation. Some need others before them.
list_extensions() {
  local each first=(mysqlnd pdo dom xml)
  echo 'zend_extension=opcache.so'
  for each in "${first[@]}"; do echo "extension=$each.so"; done
  for each in $(all_extensions); do
    if [[ $each != opcache && " ${first[*]} " != *" $each "* ]]; then echo "extension=$each.so"; fi
  done
}

unpack_php() {
  local tree=$layers/.debian
  rm -rf "$tree" "${layers:?}/php"
  packages_of | unpack_packages "$tree" "push again; if that does not help, tell the operator that the PHP buildpack needs an update" \
    --exclude='./usr/share/*' --exclude='./etc' --exclude='./lib'
  mkdir -p "$layers/php"/{bin,lib,etc}
  mv "$tree/usr/bin/php$php" "$layers/php/bin/php"
  mv "$tree/usr/sbin/php-fpm$php" "$layers/php/bin/php-fpm"
  find "$tree/usr/lib" -maxdepth 2 \( -path '*-linux-gnu/*.so*' \) -exec mv -t "$layers/php/lib" {} +
  mv "$tree/usr/lib/php/"[0-9]*[0-9][0-9][0-9][0-9] "$layers/php/extensions"
  rm -rf "$tree"
  sed "s#@LAYER@#$layers/php#" "$CNB_BUILDPACK_DIR/php.ini" >"$layers/php/etc/php.ini"
  list_extensions >>"$layers/php/etc/php.ini"
}

# For the build as for the app: where its settings are.
settings_of_php() {
  mkdir -p "$layers/php/env"
  printf '%s' "$layers/php/etc" >"$layers/php/env/PHPRC.override"
  printf '' >"$layers/php/env/PHP_INI_SCAN_DIR.default"
}

provide_php() {
  local is each
  is="key = \"$({ packages_of; cat "$CNB_BUILDPACK_DIR/php.ini"; declare -f unpack_php list_extensions settings_of_php; } | sha256sum | cut -c1-16)\""
  if was_made_for php "$is"; then
    step "PHP $(full "$php") (reused)"
  else
    step "Installing PHP $(full "$php")"
    unpack_php
    settings_of_php
    detail "from Debian 13"
  fi
  layer_toml php true true "$is"
  export PATH=$layers/php/bin:$PATH LD_LIBRARY_PATH=$layers/php/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} PHPRC=$layers/php/etc
  for each in $extensions; do
    has_extension "$each" || refuse "the extension $each, which composer.json requires, cannot be had here: $(all_extensions | paste -sd' ') can" \
      "do without it, or build with a Dockerfile"
  done
}

# Some are part of PHP itself.
has_extension() { php -r 'exit(extension_loaded(str_replace("zend-", "Zend ", $argv[1])) ? 0 : 1);' "$1"; }

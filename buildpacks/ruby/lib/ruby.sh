# Debian's Ruby, with its Bundler, Puma and Rack, in the layer `ruby`, and libraries that gems are compiled against. What
# only compilers read of these is in the layer `headers`.

packages_of() { awk -v v="$ruby" -v arch="$arch" '$1 == v { file = $3; sub(/ARCH/, arch, file); print $2, file, (arch == "arm64" ? $5 : $4) }' "$pins"; }

unpack_ruby() {
  local tree=$layers/.debian each
  rm -rf "$tree" "${layers:?}/ruby"
  packages_of | unpack_packages "$tree" "push again; if that does not help, tell the operator that the Ruby buildpack needs an update" \
    --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/ri' --exclude='./usr/share/lintian' \
    --exclude='./usr/bin/pg_config' --exclude='*/libpq.a' --exclude='*/libyaml.a'
  mv "$tree/usr" "$layers/ruby"
  rm -rf "$tree"
  ln -sf "ruby$ruby" "$layers/ruby/bin/ruby"
  for each in "$layers"/ruby/bin/*; do
    if [[ $(head -c 2 "$each" | tr -d '\0') == '#!' ]]; then sed -i '1s|^#!.*/ruby[0-9.]*|#!/usr/bin/env ruby|' "$each"; fi
  done
  # Where the launcher looks for libraries.
  find "$layers/ruby/lib" -maxdepth 2 -path '*-linux-gnu/*.so*' -exec mv -t "$layers/ruby/lib" {} +
}

# Who looks for a library asks pkg-config first.
set_headers_apart() {
  rm -rf "${layers:?}/headers"
  mkdir -p "$layers/headers/include" "$layers/headers/pkgconfig"
  mv "$layers"/ruby/include/{yaml.h,postgresql} "$layers/headers/include/"
  mv "$layers"/ruby/lib/*-linux-gnu/pkgconfig/{yaml-0.1,libpq}.pc "$layers/headers/pkgconfig/"
  sed -i -e "s#^prefix=.*#prefix=$layers/headers#" -e "s#^libdir=.*#libdir=$layers/ruby/lib#" -e '/\.private:/d' "$layers"/headers/pkgconfig/*
}

# Folders that Ruby would otherwise look for below /usr.
settings_of_ruby() {
  local top=$layers/ruby triple
  triple=$(cd "$top/lib" && printf '%s' *-linux-gnu)
  mkdir -p "$top/env" "$top/env.launch"
  printf '%s' "$top/lib/ruby/vendor_ruby/$ruby.0:$top/lib/$triple/ruby/vendor_ruby/$ruby.0:$top/lib/ruby/vendor_ruby:$top/lib/ruby/$ruby.0:$top/lib/$triple/ruby/$ruby.0" >"$top/env/RUBYLIB.override"
  printf '%s' "$layers/gems:$top/share/rubygems-integration/all:$top/lib/$triple/rubygems-integration/$ruby.0:$top/lib/ruby/gems/$ruby.0" >"$top/env/GEM_PATH.override"
  printf '%s' "$layers/gems" >"$top/env/GEM_HOME.override"
  printf production | tee "$top/env.launch/RACK_ENV.default" >"$top/env.launch/RAILS_ENV.default"
  printf 1 | tee "$top/env.launch/RAILS_LOG_TO_STDOUT.default" >"$top/env.launch/RAILS_SERVE_STATIC_FILES.default"
  printf 2 >"$top/env.launch/MALLOC_ARENA_MAX.default"
}

provide_ruby() {
  local is each
  is="key = \"$({ packages_of; declare -f unpack_ruby set_headers_apart settings_of_ruby; } | sha256sum | cut -c1-16)\""
  if was_made_for ruby "$is" && was_made_for headers "$is"; then
    step "Ruby $(full "$ruby") (reused)"
  else
    step "Installing Ruby $(full "$ruby")"
    unpack_ruby
    set_headers_apart
    settings_of_ruby
    detail "from Debian 13"
  fi
  layer_toml ruby true true "$is"
  layer_toml headers true false "$is"
  export PATH=$layers/ruby/bin:$PATH LD_LIBRARY_PATH=$layers/ruby/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export LIBRARY_PATH=$layers/ruby/lib${LIBRARY_PATH:+:$LIBRARY_PATH} LANG=C.UTF-8
  export CPATH=$layers/headers/include:$layers/headers/include/postgresql${CPATH:+:$CPATH}
  export PKG_CONFIG_PATH=$layers/headers/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
  for each in RUBYLIB GEM_PATH GEM_HOME; do export "$each=$(cat "$layers/ruby/env/$each.override")"; done
}

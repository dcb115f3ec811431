# Debian's Python in the layer `python`, what building extensions needs beside in `headers`.

packages_of() { awk -v p="$python" -v arch="$arch" '$1 == p { file = $3; sub(/ARCH/, arch, file); print $2, file, (arch == "arm64" ? $5 : $4) }' "$pins"; }

# The same sources give the same bytecode: without time stamps, in a fixed order, by processes that
# have seen the same before; without the app's folder, whose types.py is not Python's (-P).
write_bytecode() {
  find "$1" -name __pycache__ -prune -exec rm -rf {} +
  find "$1" -name '*.py' -print0 | LC_ALL=C sort -z |
    PYTHONHASHSEED=0 xargs -0 -r -P 2 -n 250 "$layers/python/bin/python$python" -P -m compileall -qq --invalidation-mode unchecked-hash || true
}

unpack_python() {
  local tree=$scratch/debian
  packages_of | unpack_packages "$tree" "push again; if that does not help, tell the operator that the Python buildpack needs an update" --exclude='./usr/share/*'
  rm -rf "${layers:?}"/{python,headers}
  mkdir -p "$layers"/{python,headers}/lib
  mv "$tree/usr/include" "$layers/headers/include"
  mv "$tree/usr/bin" "$layers/python/bin"
  mv "$tree/usr/lib/python$python" "$layers/python/lib/"
  find "$tree" -path '*-linux-gnu/lib*.so*' ! -name 'libpython*' -exec mv -t "$layers/python/lib" {} +
  # A hook of the distribution, with its text in /etc.
  rm -f "$layers/python/lib/python$python/sitecustomize.py"
  rm -rf "$layers/python/lib/python$python"/config-*
  ln -sf "python$python" "$layers/python/bin/python3"
  ln -sf "python$python" "$layers/python/bin/python"
}

# Servers believe what the router says of a request; from anybody else none reaches them.
launch_settings() {
  mkdir -p "$layers/python/env.launch"
  printf 1 >"$layers/python/env.launch/PYTHONUNBUFFERED.default"
  printf '*' >"$layers/python/env.launch/FORWARDED_ALLOW_IPS.default"
}

provide_python() {
  local is
  is="key = \"$({ packages_of; declare -f unpack_python write_bytecode launch_settings; } | sha256sum | cut -c1-16)\""
  export PATH=$layers/python/bin:$PATH LD_LIBRARY_PATH=$layers/python/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export CPATH=$layers/headers/include:$layers/headers/include/python$python${CPATH:+:$CPATH}
  export SOURCE_DATE_EPOCH=315532801 PYTHONDONTWRITEBYTECODE=1
  if was_made_for python "$is" && was_made_for headers "$is"; then
    step "Python $python (reused)"
  else
    step "Installing Python $python"
    unpack_python
    detail "$("$layers/python/bin/python3" --version), from Debian 13"
    write_bytecode "$layers/python/lib/python$python"
    launch_settings
  fi
  layer_toml python true true "$is"
  layer_toml headers true false "$is"
}

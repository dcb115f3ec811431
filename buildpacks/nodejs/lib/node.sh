# Installs Node.js and npm into the layer `node`.

case $(uname -m) in
  aarch64) arch=arm64 pin_column=3 ;;
  *) arch=x64 pin_column=2 ;;
esac

# Not where the operator has a mirror: that is one of the npm registry.
from_nodejs_org() {
  [[ -z ${WIDEMESH_NPM_MIRROR-} ]] || return 1
  local name=node-v$node_version-linux-$arch base=https://nodejs.org/dist/v$node_version
  fetch_or_elsewhere "$base/SHASUMS256.txt" "$scratch/sums" || return 1
  fetch "$base/$name.tar.xz" "$scratch/$name.tar.xz" 4 || return 1
  (cd "$scratch" && grep " $name.tar.xz\$" sums | sha256sum -c --status) ||
    refuse "$name.tar.xz arrived damaged (sha256 differs)" "push again"
  tar -xJf "$scratch/$name.tar.xz" -C "$scratch" "$name/bin/node" "$name/LICENSE"
  install -D "$scratch/$name/bin/node" "$layer/bin/node"
  install -m 644 "$scratch/$name/LICENSE" "$layer/LICENSE"
  detail "from nodejs.org"
}

from_npm_registry() {
  local name=node-linux-$arch integrity
  integrity=$(awk -v v="$node_version" -v c="$pin_column" '$1 == v { print $c }' "$pins")
  if [[ -z $integrity || $integrity == - ]]; then integrity=$(integrity_of "$name" "$node_version"); fi
  fetch_package "$name" "$node_version" "$integrity" "$scratch/node.tgz"
  mkdir "$scratch/node"
  tar -xzf "$scratch/node.tgz" -C "$scratch/node" --strip-components 1
  install -D "$scratch/node/bin/node" "$layer/bin/node"
  install -m 644 "$scratch/node/LICENSE" "$layer/LICENSE"
  if [[ -n ${WIDEMESH_NPM_MIRROR-} ]]; then
    detail "from $(registry_name)"
  else
    detail "from the npm registry (nodejs.org did not answer)"
  fi
}

install_npm() {
  fetch_package npm "$npm_version" "$npm_integrity" "$scratch/npm.tgz"
  if [[ $manager == npm ]]; then check_sum "$scratch/npm.tgz"; fi
  mkdir -p "$layer/lib/node_modules/npm"
  tar -xzf "$scratch/npm.tgz" -C "$layer/lib/node_modules/npm" --strip-components 1
  rm -rf "$layer"/lib/node_modules/npm/{docs,man}
  chmod -R u+rwX,go+rX,go-w "$layer"
  chmod +x "$layer"/lib/node_modules/npm/bin/*-cli.js
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$layer/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$layer/bin/npx"
}

provide_node() {
  layer=$layers/node
  choose_npm "$node_version"
  local is="node = \"$node_version $arch, npm $npm_version\""
  if [[ $manager == npm && -n $sum ]]; then is="node = \"$node_version $arch, npm $npm_version $sum\""; fi
  if [[ -x $layer/bin/node ]] && was_made_for node "$is"; then
    step "Node.js $node_version, npm $npm_version (reused)"
  else
    step "Installing Node.js $node_version and npm $npm_version"
    rm -rf "$layer"
    mkdir -p "$layer"
    from_nodejs_org || from_npm_registry
    install_npm
  fi
  settings_at_start "$layer"
  layer_toml node true "$(launches)" "$is"
  export PATH=$layer/bin:$PATH
}

# settings_at_start LAYER: in one of an earlier build as well, whose files are not to be written to. Programs of the
# dependencies are found after all others; where node_modules leads some look for the app (app-root-path).
settings_at_start() {
  local settings=$1/env.launch
  rm -rf "$settings"
  mkdir -p "$settings"
  printf production >"$settings/NODE_ENV.default"
  $has_package || return 0
  printf '%s' "$PWD" >"$settings/APP_ROOT_PATH.default"
  printf '%s' "$PWD/node_modules/.bin" >"$settings/PATH.append"
  printf : >"$settings/PATH.delim"
}

# What runs with Bun alone does not need it.
leave_node_out() {
  sed -i 's/^launch = true/launch = false/' "$layers/node.toml"
  settings_at_start "$layers/manager"
}

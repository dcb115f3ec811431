# What Java draws with, in the layer `graphics`: Debian's has the libraries for JPEG, colours and fonts, and a font, in
# packages of their own. Debian 13's do for an older Debian's Java, too.

graphics_packages() {
  awk -F'\t' -v arch="$arch" '!/^#/ { file = $2; sub(/ARCH/, arch, file); print $1, file, (arch == "arm64" ? $4 : $3) }' \
    "$CNB_BUILDPACK_DIR/lib/java/graphics.tsv"
}

# Of GLib only what the others need.
unpack_graphics() {
  local tree=$scratch/graphics layer=$layers/graphics
  rm -rf "$layer"
  mkdir -p "$layer"/{lib,env.launch}
  graphics_packages | unpack_packages "$tree" "push again; if that does not help, tell the operator that the Java buildpacks need an update" \
    --exclude='./etc' --exclude='./usr/share/doc' --exclude='./usr/share/fontconfig' \
    --exclude='*/lib'{gio,gmodule,gobject,gthread}-'*' --exclude='*/libbrotlienc.*' --exclude='*/libexpatw.*'
  find "$tree/usr/lib" -maxdepth 2 -path '*-linux-gnu*/*.so*' -exec mv -t "$layer/lib" {} +
  mv "$tree/usr/share/fonts/truetype" "$layer/fonts"
  rm -rf "$tree"
  sed "s#@LAYER@#$layer#" "$CNB_BUILDPACK_DIR/lib/java/fonts.conf" >"$layer/fonts.conf"
  printf '%s' "$layer/fonts.conf" >"$layer/env.launch/FONTCONFIG_FILE.default"
}

# Launchers put the folder `lib` where programs look for libraries.
provide_graphics() {
  local is
  is="key = \"$({ graphics_packages; cat "$CNB_BUILDPACK_DIR/lib/java/fonts.conf"; declare -f unpack_graphics; } | sha256sum | cut -c1-16)\""
  was_made_for graphics "$is" || unpack_graphics
  layer_toml graphics false true "$is"
  export LD_LIBRARY_PATH=$layers/graphics/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} FONTCONFIG_FILE=$layers/graphics/fonts.conf
}

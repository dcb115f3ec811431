# Layers: folders below `layers`, each with a file that says what it is for.

# layer_toml NAME BUILD LAUNCH METADATA
layer_toml() { printf '[types]\nbuild = %s\nlaunch = %s\ncache = true\n\n[metadata]\n%s\n' "$2" "$3" "$4" >"$layers/$1.toml"; }

# was_made_for NAME METADATA: whether an earlier build left the layer, and for the same.
was_made_for() { [[ -d $layers/$1 ]] && grep -qxF "$2" "$layers/$1.toml" 2>/dev/null; }

# Metadata of a layer whose files some program writes in place: Widemesh then restores copies instead
# of hard links, while the build has not begun yet. What is kept must stay as it is should this build fail.
in_place='written-in-place = true'

# own_files LAYER: the same for a layer that came back as hard links.
own_files() {
  [[ -n $(find "$layers/$1" -type f -links +1 -print -quit) ]] || return 0
  cp -a --reflink=auto "$layers/$1" "$layers/.$1"
  rm -rf "${layers:?}/$1"
  mv "$layers/.$1" "$layers/$1"
}

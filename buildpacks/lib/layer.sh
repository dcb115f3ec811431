# Layers: folders below `layers`, each with a file that says what it is for.

# layer_toml NAME BUILD LAUNCH METADATA
layer_toml() { printf '[types]\nbuild = %s\nlaunch = %s\ncache = true\n\n[metadata]\n%s\n' "$2" "$3" "$4" >"$layers/$1.toml"; }

# was_made_for NAME METADATA: whether an earlier build left the layer, and for the same.
was_made_for() { [[ -d $layers/$1 ]] && grep -qxF "$2" "$layers/$1.toml" 2>/dev/null; }

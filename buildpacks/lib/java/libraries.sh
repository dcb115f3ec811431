# Libraries lie in layers of their own, and links stand where they were: a change of the app's own
# code moves none of them. The buildpack's `libraries` lists them.

# Spring Boot jars bring the tools to take them apart since 3.3; an older one would just start the app.
has_tools() {
  local version
  version=$(attribute "$runnable" Spring-Boot-Version)
  [[ $version =~ ^([0-9]{1,4})\.([0-9]{1,4})([.-]|$) ]] || return 1
  ((10#${BASH_REMATCH[1]} * 10000 + 10#${BASH_REMATCH[2]} >= 30003))
}

# The small jar would be without Spring Boot's loader, and of a war without its pages and files.
why_whole() {
  if [[ $runnable == *.war ]]; then
    echo "it is a web archive, of which more than classes are needed"
  elif [[ $(attribute "$runnable" Main-Class) == *.PropertiesLauncher ]] || grep -qsF boot.loader Procfile; then
    echo "Spring Boot's loader starts it"
  elif ! has_tools; then
    echo "Spring Boot 3.3 or newer can be taken apart"
  fi
}

# A Spring Boot jar becomes a small jar and a folder `lib` beside it, which its manifest names. That
# starts quicker too: nothing is read out of a jar in a jar.
unpack_spring_boot() {
  local folder=${runnable%/*} out=$scratch/boot why
  why=$(why_whole)
  if [[ -n $why ]]; then
    detail "${runnable##*/} stays in one piece ($why)"
    return
  fi
  if ! timeout -k 5 60 java -XX:TieredStopAtLevel=1 -Djarmode=tools -jar "$runnable" extract --destination "$out" \
    </dev/null >"$scratch/extract.log" 2>&1 ||
    [[ ! -f $out/${runnable##*/} || -e $folder/lib ]]; then
    detail "the jar stays in one piece (it could not be taken apart)"
    return
  fi
  mv "$out/${runnable##*/}" "$runnable"
  if [[ -d $out/lib ]]; then mv "$out/lib" "$folder/lib"; fi
}

key_of() { xargs -r -d '\n' sha256sum | sha256sum | cut -d' ' -f1; }

# into_layer NAME <PATHS
into_layer() {
  local paths is path layer=$layers/$1
  paths=$(cat)
  [[ -n $paths ]] || return 0
  is="key = \"$(key_of <<<"$paths")\""
  if ! was_made_for "$1" "$is"; then
    rm -rf "$layer"
    while IFS= read -r path; do
      mkdir -p "$layer/${path%/*}"
      cp "$path" "$layer/$path"
    done <<<"$paths"
    chmod -R u+rwX,go+rX,go-w "$layer"
  fi
  layer_toml "$1" false true "$is"
  while IFS= read -r path; do ln -sf "$layer/$path" "$path"; done <<<"$paths"
  detail "$(wc -l <<<"$paths") libraries in the layer $1"
}

# A manifest may name libraries that nobody put there, because the Procfile starts the app otherwise.
check_class_path() {
  if names_processes; then return 0; fi
  local name folder=${runnable%/*}
  for name in $(attribute "$runnable" Class-Path); do
    if [[ $name =~ ^[A-Za-z0-9_./+@-]+\.jar$ && ! -e $folder/$name ]]; then
      refuse "$runnable needs $name beside it, and it is not there" \
        "$how_to_copy_libraries"
    fi
  done
}

# A war that starts by itself holds all that was put together for it in the folder of its name.
remove_exploded() {
  if [[ $runnable == *.war && -d ${runnable%.war}/WEB-INF ]] && ! names_processes; then rm -rf "${runnable%.war}"; fi
}

split_libraries() {
  if [[ -n $runnable ]]; then
    remove_exploded
    if $spring_boot; then unpack_spring_boot; fi
    check_class_path
  fi
  libraries | sed '/-SNAPSHOT/d' | into_layer dependencies
  libraries | into_layer snapshot-dependencies
  remove_leftovers
}

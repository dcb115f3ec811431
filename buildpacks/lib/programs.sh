# Programs that a build compiled, in the layer `app`.

# process TYPE PROGRAM
process() { printf '[[processes]]\ntype = "%s"\ncommand = ["%s"]\n' "$1" "$2" >>"$layers/launch.toml"; }

is_compiled() { [[ -f $1 ]] && head -c 4 "$1" | grep -qa $'^\x7fELF'; }

# link_program PROGRAM PLACE. What stands there may be the program of another day, or a script around it.
link_program() {
  if is_compiled "$2"; then
    detail "$2 of the repository is replaced by the program made of its sources"
  elif [[ -e $2 ]]; then
    detail "$2 of the repository stays: it is no compiled program"
    return
  fi
  ln -sfn "$1" "$2"
}

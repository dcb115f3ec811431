# The tasks `start` and `build`, of deno.json or of package.json.

config() { if [[ -f deno.json ]]; then printf deno.json; elif [[ -f deno.jsonc ]]; then printf deno.jsonc; fi; }

# tasks_of FILE KEY
tasks_of() {
  [[ -n $1 && -f $1 ]] || return 0
  plain_json "$1" | jq ".$2 // {} | map_values(if type == \"object\" then .command else . end | strings)" 2>"$scratch/jq" ||
    refuse "$1 is not right: $(tail -1 "$scratch/jq" | sed -E 's/^(jq: error[^:]*|jq): //; s/^(parse )?error: //')" "correct $1"
}

# Those of deno.json come before the scripts of package.json.
read_tasks() {
  tasks_of package.json scripts >"$scratch/tasks"
  tasks_of "$(config)" tasks >>"$scratch/tasks"
  start_task=$(jq -rs 'add.start // empty' "$scratch/tasks")
  build_task=$(jq -rs 'add.build // empty' "$scratch/tasks")
}

# plain_json FILE: without comments and commas at the end, which jq does not know; those inside of
# strings are none.
plain_json() {
  sed -z -E 's#("([^"\\]|\\.)*")|//[^\n]*|/\*([^*]|\*+[^*/])*\*+/#\1#g; s#("([^"\\]|\\.)*")|,([[:space:]]*[]}])#\1\3#g' "$1"
}

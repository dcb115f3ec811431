# How much of the build's memory Node.js may fill with objects. By itself it takes half, and gives up there.

cgroup=/sys/fs/cgroup

# memory_limit: what the build may use, in bytes; nothing where that is not limited.
memory_limit() {
  local file limit
  for file in "$cgroup/memory.max" "$cgroup/memory/memory.limit_in_bytes"; do
    if [[ -r $file ]]; then
      read -r limit <"$file" || true
      # Without a limit: "max", or more than any machine has.
      if [[ $limit =~ ^[1-9][0-9]{0,12}$ ]]; then printf '%s' "$limit"; fi
      return
    fi
  done
}

sets_heap='--max[-_]old[-_]space[-_]size'

# NODE_OPTIONS for the build script: three quarters, unless they say how much.
options_with_heap() {
  local limit
  limit=$(memory_limit)
  if [[ -z $limit || ${NODE_OPTIONS-} =~ $sets_heap ]]; then
    printf '%s' "${NODE_OPTIONS-}"
  else
    printf '%s--max-old-space-size=%d' "${NODE_OPTIONS:+$NODE_OPTIONS }" "$((limit / 4 * 3 / 1048576))"
  fi
}

megabytes() { printf '%d MB' "$((($1 + 500000) / 1000000))"; }

# A script for the start may have less.
own_heap() {
  [[ ${NODE_OPTIONS-} =~ $sets_heap ]] || grep -qsE -e "$sets_heap" .npmrc ||
    jq -r '.scripts? | objects | del(.start) | .[] | strings' package.json | grep -qE -e "$sets_heap"
}

# out_of_heap WHAT
out_of_heap() {
  local limit
  limit=$(memory_limit)
  if own_heap; then
    refuse "$1 ran out of memory: it needs more than the app's own --max-old-space-size lets Node.js have" \
      "raise that${limit:+; the whole build may use $(megabytes "$limit"), which the operator sets with WIDEMESH_BUILD_MEMORY}"
  elif [[ -n $limit ]]; then
    refuse "$1 ran out of memory: that is Node.js's share of the $(megabytes "$limit") that a build may use" \
      "let the operator raise WIDEMESH_BUILD_MEMORY; or let the script do less at once (no source maps, fewer workers)"
  else
    refuse "$1 ran out of memory: it needs more than Node.js takes by itself" \
      "let the script say how much, e.g. NODE_OPTIONS=--max-old-space-size=4096 before its command"
  fi
}

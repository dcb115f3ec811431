# What a build looked into. While nothing else changes, the platform makes no build: the changed files go into the last image.

# reads PATTERN...: after all else is in launch.toml. A pattern may be followed by texts, each after a tab: then only the
# lines with one of them count.
reads() {
  local said
  said=$(printf '%s\n' "$@")
  if [[ $said == *[\"\\]* ]]; then return 0; fi
  said=${said//$'\t'/\\t}
  printf '[[labels]]\nkey = "dev.widemesh.build.reads"\nvalue = "%s"\n' "${said//$'\n'/\\n}" >>"$layers/launch.toml"
}

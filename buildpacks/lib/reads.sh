# What a build looked into. While nothing else changes, the platform makes no build: the changed files go into the last image.

# reads PATTERN...: after all else is in launch.toml. A pattern may be followed by texts, each after a tab: then only the
# lines with one of them count. A name that cannot be said so lets everything count.
reads() {
  local said LC_ALL=C cannot_be_said=$'[^\t\n -~]|["\\\\]| (\n|$)'
  said=$(printf '%s\n' "$@")
  if [[ $said =~ $cannot_be_said ]]; then return 0; fi
  said=${said//$'\t'/\\t}
  printf '[[labels]]\nkey = "dev.widemesh.build.reads"\nvalue = "%s"\n' "${said//$'\n'/\\n}" >>"$layers/launch.toml"
}

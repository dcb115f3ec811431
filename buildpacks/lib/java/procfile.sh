# Which processes the app names itself. Then they are all that it has, whatever could be started here.

# A release command alone is none: the app starts as without it.
names_processes() {
  [[ -f Procfile && -n $(sed -nE '1s/^\xef\xbb\xbf//; s/^[[:space:]]*([A-Za-z0-9_-]+):.*/\1/p' Procfile | sed '/^release$/d') ]]
}

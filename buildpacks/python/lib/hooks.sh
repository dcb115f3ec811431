# Heroku's hooks, where an app has them: programs of its own, before the dependencies and after all else.

# run_hook NAME
run_hook() {
  local code=0
  [[ -f bin/$1 && -x bin/$1 ]] || return 0
  step "bin/$1"
  "./bin/$1" </dev/null 2>&1 | indented || code=$?
  ((code == 0)) || refuse "bin/$1 failed with exit code $code" \
    "make it work without the configuration, which a build does not get, then push again"
}

# A hook may look into any file.
has_hooks() { [[ -x bin/pre_compile || -x bin/post_compile ]]; }

say_unread() {
  if [[ -f nltk.txt ]]; then
    detail "nltk.txt is not read: let bin/post_compile run python -m nltk.downloader -d nltk_data, and set NLTK_DATA=$PWD/nltk_data"
  fi
}

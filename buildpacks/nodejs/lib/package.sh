# What package.json says, read once: jq takes longer to start than to read.

read_package() {
  has_package=false engines="" start="" main="" has_build=false around_start=false
  runs_at_install=false links_into_app=false has_development=false dependencies=""
  [[ -f package.json ]] || return 0
  local said
  said=$(jq -r '
    def text: if type == "string" then . else "" end;
    def script($name): (.scripts? | objects | .[$name] | text) // "";
    def has($name): script($name) != "";
    if type != "object" then error("it must be an object") else . end
    | @sh "has_package=true",
      @sh "engines=\((.engines? | objects | .node | text) // "")",
      @sh "start=\(script("start"))",
      @sh "main=\(.main | text)",
      @sh "has_build=\(has("build"))",
      @sh "around_start=\(has("prestart") or has("poststart"))",
      @sh "runs_at_install=\(has("preinstall") or has("install") or has("postinstall") or has("prepare"))",
      @sh "has_development=\(.devDependencies? // {} | length > 0)",
      @sh "links_into_app=\((.workspaces? // [] | length > 0)
        or ([.dependencies?, .devDependencies?, .optionalDependencies? | objects | .[] | strings
             | select(test("^(file|link):|^[.~/]"))] | length > 0))",
      @sh "dependencies=\({name, dependencies, devDependencies, optionalDependencies, peerDependencies,
        peerDependenciesMeta, overrides, bundleDependencies, engines, build: script("build")} | tojson)"
    ' package.json 2>"$scratch/jq") ||
    refuse "package.json is not right: $(tail -1 "$scratch/jq" | sed 's/^jq: error ([^)]*): //')" "correct package.json"
  eval "$said"
}

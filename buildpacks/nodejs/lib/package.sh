# What package.json says, read once: jq takes longer to start than to read.

# Scripts that a manager runs by itself.
install_scripts='def runs_at_install: [.scripts? | objects
  | .["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies", "pnpm:devPreinstall"]
  | strings | . != ""] | any;'

read_package() {
  has_package=false engines="" start="" main="" build="" around_start=false package_manager=""
  wanted_npm="" wanted_yarn="" wanted_pnpm="" wanted_bun="" has_next=false
  runs_at_install=false links_into_app=false has_development=false dependencies=""
  [[ -f package.json ]] || return 0
  local said
  said=$(jq -r "$install_scripts"'
    def text: if type == "string" then . else "" end;
    def script($name): (.scripts? | objects | .[$name] | text) // "";
    def has($name): script($name) != "";
    def engine($name): (.engines? | objects | .[$name] | text) // "";
    if type != "object" then error("it must be an object") else . end
    | @sh "has_package=true",
      @sh "engines=\(engine("node"))",
      @sh "wanted_npm=\(engine("npm"))",
      @sh "wanted_yarn=\(engine("yarn"))",
      @sh "wanted_pnpm=\(engine("pnpm"))",
      @sh "wanted_bun=\(engine("bun"))",
      @sh "package_manager=\(.packageManager | text)",
      @sh "start=\(script("start"))",
      @sh "main=\(.main | text)",
      @sh "build=\(if has("heroku-postbuild") then "heroku-postbuild" elif has("build") then "build" else "" end)",
      @sh "has_next=\(.dependencies?.next? | text != "")",
      @sh "around_start=\(has("prestart") or has("poststart"))",
      @sh "runs_at_install=\(runs_at_install)",
      @sh "has_development=\(.devDependencies? // {} | length > 0)",
      @sh "links_into_app=\((.workspaces? // [] | length > 0)
        or ([.dependencies?, .devDependencies?, .optionalDependencies? | objects | .[] | strings
             | select(test("^(file|link|portal|workspace|exec):|^[.~/]"))] | length > 0))",
      @sh "dependencies=\({name, dependencies, devDependencies, optionalDependencies, peerDependencies,
        peerDependenciesMeta, dependenciesMeta, overrides, resolutions, bundleDependencies, pnpm, engines} | tojson)"
    ' package.json 2>"$scratch/jq") ||
    refuse "package.json is not right: $(tail -1 "$scratch/jq" | sed 's/^jq: error ([^)]*): //')" "correct package.json"
  eval "$said"
  # npm compiles it without being told to.
  if [[ -f binding.gyp ]]; then runs_at_install=true; fi
  if [[ -f pnpm-workspace.yaml ]] && grep -q '^packages:' pnpm-workspace.yaml; then links_into_app=true; fi
}

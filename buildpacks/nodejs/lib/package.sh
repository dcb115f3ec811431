# What package.json says, read once: jq takes longer to start than to read.

# Scripts that a manager runs by itself.
install_scripts='def runs_at_install: [.scripts? | objects
  | .["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare", "dependencies", "pnpm:devPreinstall"]
  | strings | . != ""] | any;'

# What a dependency may be that is no version: something in the app. `~1.2` is a version, `~/kit` is not.
in_app_specification='^([.]|~?/)|^(file:)?[^:]*[.](tgz|tar|tar[.]gz)$'

named_dependencies='def named_dependencies: [.dependencies?, .devDependencies?, .optionalDependencies?, .resolutions?, .overrides?,
  (.pnpm? | objects | .overrides?), .catalog?, .catalogs?, (.workspaces? | objects | .catalog?, .catalogs?) | .. | strings];'

read_package() {
  has_package=false engines="" start="" main="" build="" around_start=false package_manager=""
  wanted_npm="" wanted_yarn="" wanted_pnpm="" wanted_bun="" has_next=false
  runs_at_install=false links_into_app=false has_development=false dependencies=""
  [[ -f package.json ]] || return 0
  local said
  said=$(jq -r --arg in_app "^(file|link|portal|workspace|exec):|$in_app_specification" "$install_scripts$named_dependencies"'
    def names_files: named_dependencies | any(test($in_app));
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
      @sh "links_into_app=\((.workspaces? // [] | length > 0) or names_files)",
      @sh "dependencies=\(del(.scripts, .version, .description, .keywords, .author, .contributors, .license, .homepage,
        .repository, .bugs, .main) | tojson)"
    ' package.json 2>"$scratch/jq") ||
    refuse "package.json is not right: $(tail -1 "$scratch/jq" | sed 's/^jq: error ([^)]*): //')" "correct package.json"
  eval "$said"
  # npm compiles it without being told to.
  if [[ -f binding.gyp ]]; then runs_at_install=true; fi
  if grep -qs '^packages:' pnpm-workspace.yaml; then links_into_app=true; fi
  if grep -qsE '(^|[^a-zA-Z])(file|link|portal|exec):[^[:space:]]' pnpm-workspace.yaml .yarnrc.yml; then links_into_app=true; fi
}

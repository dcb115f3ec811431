# Apps that are nothing but pages: the build script makes them, the static buildpack after this one serves them.

is_file() { if [[ -f $1 ]]; then printf true; else printf false; fi; }

# read_site: `site_tool` is who makes the pages, or nothing; in `site_folder`; `site_fallback` says whether paths
# without a page get index.html, because the page finds its way itself. A server, or a start script that is more
# than a tool's own server for development, makes it another kind of app.
read_site() {
  local said
  site_tool="" site_folder="" site_fallback=false site_main=""
  [[ -f package.json && ! -f server.js && ! -f index.js ]] || return 0
  if [[ -f Procfile ]] && grep -q '^web:' Procfile; then return 0; fi
  grep -qE '"(build|heroku-postbuild)"' package.json || return 0
  said=$(jq -r --argjson page "$(is_file index.html)" --argjson named "$(is_file Staticfile)" '
    def script($name): (.scripts? | objects | .[$name] | strings) // "";
    def uses($name): [.dependencies?, .devDependencies? | objects | has($name)] | any;
    def tool:
      if uses("react-scripts") then ["react-scripts", "build", true]
      elif uses("@vue/cli-service") then ["vue-cli-service", "dist", true]
      elif uses("vite") and $page then ["Vite", "dist", true]
      elif uses("astro") and (uses("@astrojs/node") | not) then ["Astro", "dist", false]
      elif $named then ["Staticfile", "", false]
      else empty end;
    select(script("build") + script("heroku-postbuild") != "")
    | select(script("start") | test("^((react-scripts start|vite( dev| serve)?|vue-cli-service serve|ng serve|astro dev)( -.*)?)?$"))
    | (if .main | type == "string" then .main else "" end) as $main
    | tool
    | @sh "site_tool=\(.[0]) site_folder=\(.[1]) site_fallback=\(.[2]) site_main=\($main)"
    ' package.json 2>/dev/null) || return 0
  eval "$said"
  if [[ -n $site_main && (-f $site_main || -f $site_main.js) ]]; then site_tool="" site_folder="" site_fallback=false; fi
}

# choose_site: `site` is whether the static buildpack waits for what the build script makes.
choose_site() {
  site=false
  read_site
  if [[ -n $site_tool ]] && grep -q '"node-site"' "${CNB_BP_PLAN_PATH:-/dev/null}"; then site=true; fi
}

launches() { if $site; then printf false; else printf true; fi; }

# hand_over: to the static buildpack. What the pages were made with does not go into the image.
hand_over() {
  mkdir -p "$layers/site/env.build"
  printf '%s' "$site_folder" >"$layers/site/env.build/BP_STATIC_ROOT.default"
  printf '%s' "$site_fallback" >"$layers/site/env.build/BP_STATIC_FALLBACK.default"
  printf '[types]\nbuild = true\n' >"$layers/site.toml"
  remove_modules
  detail "Start: a server of files (${site_tool}'s pages${site_folder:+ in $site_folder}; a start script or a Procfile overrides it)"
}

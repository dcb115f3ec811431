# What composer.json says, read once.

# is_inside FOLDER: of this repository, which need not have it yet.
is_inside() { [[ $1 =~ ^[A-Za-z0-9._/-]+$ && ! $1 =~ (^|/)\.\.(/|$) && $1 != /* ]]; }

read_manifest() {
  local said
  has_manifest=false wanted="" platform="" extensions="" needs_composer=false vendor=vendor symfony=false compiles=false
  [[ -f composer.json ]] || return 0
  said=$(jq -r '
    def text: if type == "string" then . else "" end;
    if type != "object" then error("it must be an object") else . end
    | (.require? // {} | objects) as $require
    | ([.scripts? | objects | has("compile")] | any) as $compiles
    | @sh "has_manifest=true",
      @sh "wanted=\($require.php | text)",
      @sh "platform=\(.config?.platform?.php? | text)",
      @sh "vendor=\(.config?["vendor-dir"]? | text)",
      @sh "extensions=\([$require | keys[] | select(startswith("ext-")) | .[4:] | ascii_downcase] | join(" "))",
      @sh "symfony=\($require | has("symfony/framework-bundle")) compiles=\($compiles)",
      @sh "needs_composer=\(([$require | keys[] | select(test("^(php|php-64bit|ext-.*|lib-.*)$") | not)] | length > 0) or has("autoload") or $compiles)"
    ' composer.json 2>"$scratch/jq") ||
    refuse "composer.json is not right: $(tail -1 "$scratch/jq" | sed -E 's/^jq: (error[^:]*: )?//')" "correct composer.json"
  eval "$said"
  vendor=${vendor:-vendor} vendor=${vendor#./} vendor=${vendor%/}
  is_inside "$vendor" && [[ ! $vendor =~ (^|/)\.?(/|$) ]] ||
    refuse "'$vendor' is not a folder of this repository (config.vendor-dir in composer.json)" "leave vendor-dir out, or name one, like lib/vendor"
}

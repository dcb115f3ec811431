package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who installs the dependencies of a Node.js app, which version of it, and what kind of app it is.
@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeScriptsTest {
  private static final Path LIB = Workshop.BUILDPACKS.resolve("nodejs/lib");

  @TempDir Path app;
  @TempDir Path scratch;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                         | server.js             | true
          {"scripts": {"start": "node a.js"}}        | package-lock.json     | true
          {"devDependencies": {"vitest": "3"}}       | yarn.lock             | true
          {"scripts": {"build": "tsc"}}              | none                  | false
          {"scripts": {"heroku-postbuild": "tsc"}}   | none                  | false
          {"scripts": {"postinstall": "tsc"}}        | none                  | false
          {"scripts": {"prepare": "tsc"}}            | none                  | false
          {"scripts": {"prepublish": "tsc"}}         | none                  | false
          {"scripts": {"pnpm:devPreinstall": "tsc"}} | none                  | false
          {"workspaces": ["kit"]}                    | none                  | false
          {"dependencies": {"kit": "file:kit"}}      | none                  | false
          {"dependencies": {"next": "15.5.0"}}       | none                  | false
          {"dependencies": {"ms": "~2.1.3"}}         | none                  | true
          {"dependencies": {"kit": "~/kit"}}         | none                  | false
          {"dependencies": {"kit": "kit.tgz"}}       | none                  | false
          {"overrides": {"a": {"ms": "file:ms"}}}    | none                  | false
          {"resolutions": {"ms": "portal:./ms"}}     | none                  | false
          {"pnpm": {"overrides": {"ms": "link:ms"}}} | none                  | false
          {}                                         | binding.gyp           | false
          {}                                         | pnpm-workspace.yaml=p | false
          """)
  @Tag("BLD-9")
  void what_may_look_into_any_file_does_not_say_into_which(
      String manifest, String files, boolean says) throws Exception {
    Files.writeString(app.resolve("package.json"), manifest);
    var file = files.split("=", -1)[0];
    Files.writeString(app.resolve(file), file.equals(files) ? "" : "packages:\n");
    var said = declared("");

    assertThat(said.contains("value = \"package.json\\npackage-lock.json\\n")).isEqualTo(says);
    assertThat(said.isEmpty()).isNotEqualTo(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          words.txt        | true
          of two words.txt | true
          words\\x20        | false
          words\\x07.txt    | false
          words\\xff.txt    | false
          words\\xc3\\xa9    | false
          words[1].txt     | false
          """)
  @Tag("BLD-9")
  void a_file_that_cannot_be_named_lets_every_file_count(String name, boolean says)
      throws Exception {
    Files.writeString(app.resolve("package.json"), "{}");
    var said =
        declared("mkdir $layers/installed; printf '%s\\n' >$layers/installed/read".formatted(name));

    assertThat(said.endsWith("\\n/" + name + "\"\n")).isEqualTo(says);
    assertThat(said.isEmpty()).isNotEqualTo(says);
  }

  /// What is said of the files that were looked into.
  private String declared(String before) throws Exception {
    return Bash.run(
        LIB,
        """
        layers='%s' scratch=$layers site=false yarn_path="" manager=npm
        for part in say package reads counted start; do . ./$part.sh; done
        cd '%s'
        %s
        read_package
        declare_reads
        [[ ! -f $layers/launch.toml ]] || cat "$layers/launch.toml"
        """
            .formatted(scratch, app, before));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                    | none                             | npm
          {}                                                    | package-lock.json                | npm
          {}                                                    | npm-shrinkwrap.json package-lock.json | npm
          {}                                                    | yarn.lock                        | yarn 1.22.22
          {}                                                    | yarn.lock=10                     | yarn 4.18.1
          {}                                                    | yarn.lock=8                      | yarn 4.13.0
          {}                                                    | yarn.lock=6                      | yarn 3.8.7
          {"engines": {"yarn": ">=4.14"}}                       | yarn.lock=9                      | yarn 4.14.1
          {"packageManager": "yarn@4.14.1"}                     | yarn.lock=8                      | yarn 4.14.1
          {}                                                    | pnpm-lock.yaml=9.0               | pnpm 10.34.9
          {}                                                    | pnpm-lock.yaml=6.0               | pnpm 8.15.9
          {}                                                    | pnpm-lock.yaml=5.4               | pnpm 7.33.7
          {"engines": {"pnpm": "9.x"}}                          | pnpm-lock.yaml=9.0               | pnpm 9.15.9
          {"engines": {"pnpm": ">=8 <10"}}                      | none                             | pnpm 9.15.9
          {"engines": {"yarn": "1.x"}}                          | none                             | yarn 1.22.22
          {"engines": {"npm": ">=10", "yarn": ">=1"}}           | none                             | npm
          {"engines": {"npm": ">=10"}}                          | yarn.lock                        | yarn 1.22.22
          {"packageManager": "pnpm@10.34.9"}                    | none                             | pnpm 10.34.9
          {"packageManager": "pnpm@10.34.9+sha512.ab"}          | pnpm-lock.yaml=9.0 yarn.lock     | yarn.lock is not used: packageManager in package.json is pnpm
          {"packageManager": "npm@11.2.0"}                      | package-lock.json                | npm
          {}                                                    | bun.lock=2                       | bun 1.4.5
          {}                                                    | bun.lockb                        | bun 1.4.5
          {"packageManager": "bun@1.4.5"}                       | bun.lock=2 package-lock.json     | package-lock.json is not used: packageManager in package.json is bun
          {"engines": {"bun": ">=1.2"}}                         | none                             | bun 1.4.5
          """)
  @Tag("BLD-1")
  void the_app_says_who_installs(String manifest, String files, String says) throws Exception {
    assertThat(choice(manifest, files)).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                                                 | yarn.lock package-lock.json | there are several lock files: package-lock.json, yarn.lock
          {}                                                 | pnpm-lock.yaml yarn.lock    | there are several lock files: yarn.lock, pnpm-lock.yaml
          {"packageManager": "pnpm@10.34.9"}                 | package-lock.json           | packageManager in package.json is pnpm, but the lock file is package-lock.json
          {"packageManager": "yarn@4.18.1"}                  | yarn.lock                   | packageManager in package.json is yarn@4.18.1, but yarn.lock was written by yarn 1
          {"packageManager": "yarn@1.22.22"}                 | yarn.lock=8                 | packageManager in package.json is yarn@1.22.22, but yarn.lock was written by yarn 2 or later
          {"packageManager": "yarn@4.18.1"}                  | none                        | there is no yarn.lock
          {"engines": {"yarn": "4.x"}}                       | none                        | there is no yarn.lock
          {}                                                 | yarn.lock=4                 | it is not known which yarn reads yarn.lock (its format is 4
          {}                                                 | pnpm-lock.yaml=4.0          | it is not known which pnpm reads pnpm-lock.yaml (its format is 4.0
          {"packageManager": "pnpm@10"}                      | none                        | packageManager in package.json names no exact version (pnpm@10)
          {"packageManager": "yarn"}                         | none                        | "packageManager": "yarn" in package.json is not right
          {"packageManager": "cnpm@9.4.0"}                   | none                        | package.json wants cnpm as its packageManager, which cannot be had here
          {}                                                 | bun.lock=2 yarn.lock        | there are several lock files: yarn.lock, bun.lock
          {}                                                 | bun.lock=9                  | it is not known which bun reads bun.lock (its format is 9
          {"packageManager": "yarn@1.22.22+sha999.ab"}       | none                        | packageManager in package.json has a sum of an unknown kind (sha999)
          """)
  @Tag("DEP-12")
  void what_cannot_be_followed_is_refused(String manifest, String files, String cause)
      throws Exception {
    assertThat(choice(manifest, files)).contains(" !     ").contains(cause).contains("Try: ");
  }

  @ParameterizedTest
  @CsvSource({"sha512,0", "sha256,0", "sha1,0", "sha256,1"})
  @Tag("DEP-12")
  void the_sum_in_package_json_is_compared(String kind, int off) throws Exception {
    var file = Files.writeString(scratch.resolve("pnpm.tgz"), "what was fetched");
    var compared =
        """
        sum=$(%1$ssum '%2$s' | cut -d' ' -f1) sum_kind=%1$s manager=pnpm exact=10.34.9
        ((%3$d == 0)) || sum=0${sum:1}1
        check_sum '%2$s' 2>&1 && echo fits
        """
            .formatted(kind, file, off);

    assertThat(run(compared))
        .contains(
            off == 0 ? "fits" : "pnpm 10.34.9 is not what packageManager in package.json says");
  }

  /// Lock files are named, with the format of pnpm's behind `=`.
  private String choice(String manifest, String files) throws Exception {
    return choice(
        manifest,
        files,
        """
        [[ $manager == npm ]] || choose_version_of_manager
        echo "$manager ${manager_version-}"
        """);
  }

  private String choice(String manifest, String files, String then) throws Exception {
    Files.writeString(app.resolve("package.json"), manifest);
    for (var each : files.split(" ", -1)) {
      var parts = each.split("=", 2);
      if (!each.equals("none")) {
        Files.writeString(app.resolve(parts[0]), parts.length > 1 ? format(parts) : "");
      }
    }
    return run(
        """
        cd '%s'
        node_version=24.21.0
        read_package
        choose_manager
        %s
        """
            .formatted(app, then));
  }

  private static String format(String[] lock) {
    return switch (lock[0]) {
      case "yarn.lock" -> "__metadata:\n  version: " + lock[1] + "\n";
      case "package-lock.json", "npm-shrinkwrap.json" ->
          "{\n  \"lockfileVersion\": " + lock[1] + ",\n  \"requires\": true\n}\n";
      case "bun.lock" -> "{\n  \"lockfileVersion\": " + lock[1] + ",\n}\n";
      default -> "lockfileVersion: '" + lock[1] + "'\n";
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "scripts": {"start": "node server.js"} | package-lock.json   | node server.js
          "scripts": {"start": "bun server.ts"}  | package-lock.json   | npm start
          "scripts": {"start": "bun server.ts"}  | bun.lock=2          | bun server.ts
          "scripts": {"start": "bun run site"}   | bun.lock=2          | bun run site
          "scripts": {"start": "next start"}     | bun.lock=2          | bun start
          "main": "api.js"                       | bun.lock=2 api.js   | bun api.js
          "main": "api.js"                       | api.js              | node api.js
          "name": "shop"                         | bun.lock=2 index.js index.ts | bun index.js
          "name": "shop"                         | bun.lock=2 src/index.ts      | bun src/index.ts
          "name": "shop"                         | index.ts            | nothing says how this app starts
          """)
  @Tag("BLD-1")
  void what_bun_installed_bun_starts(String manifest, String files, String says) throws Exception {
    assertThat(started("{" + manifest + "}", files)).contains(says);
  }

  @ParameterizedTest
  @ValueSource(strings = {"composer.json", "Gemfile", "pom.xml"})
  @Tag("BLD-1")
  void an_app_of_another_kind_is_started_by_a_buildpack_after_this_one(String file)
      throws Exception {
    assertThat(started("{\"scripts\": {\"build\": \"x\"}}", file)).isEmpty();
    assertThat(started("{\"scripts\": {\"start\": \"node x.js\"}}", file))
        .contains("Start: node x.js");
  }

  private String started(String manifest, String files) throws Exception {
    Files.createDirectories(app.resolve("src"));
    return choice(
        manifest,
        files,
        "touch '%1$s/node.toml'; layers='%1$s'; declare_process".formatted(scratch));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "scripts": {"build": "x"}, "devDependencies": {"vite": "8"}                              | index.html            | Vite,dist,true
          "scripts": {"build": "x", "start": "vite --host"}, "devDependencies": {"vite": "8"}      | index.html            | Vite,dist,true
          "scripts": {"build": "x", "start": "react-scripts start"}, "dependencies": {"react-scripts": "5"} | public/index.html | react-scripts,build,true
          "scripts": {"build": "x", "start": "astro dev"}, "dependencies": {"astro": "5"}          | none                  | Astro,dist,false
          "scripts": {"build": "x"}                                                                | Staticfile            | Staticfile,,false
          "scripts": {"build": "x"}, "dependencies": {"astro": "5", "@astrojs/node": "9"}          | none                  | ,,false
          "scripts": {"build": "x"}, "devDependencies": {"vite": "8"}                              | none                  | ,,false
          "scripts": {"dev": "build"}, "devDependencies": {"vite": "8"}                            | index.html            | ,,false
          "scripts": {"build": "x", "start": "vite preview"}, "devDependencies": {"vite": "8"}     | index.html            | ,,false
          "scripts": {"build": "x", "start": "node app.js"}, "devDependencies": {"vite": "8"}      | index.html            | ,,false
          "scripts": {"build": "x"}, "devDependencies": {"vite": "8"}                              | index.html server.js  | ,,false
          "scripts": {"build": "x"}, "main": "api.js", "devDependencies": {"vite": "8"}            | index.html api.js     | ,,false
          "scripts": {"build": "x"}, "main": "api.js", "devDependencies": {"vite": "8"}            | index.html            | Vite,dist,true
          "scripts": {"build": "x"}, "devDependencies": {"vite": "8"}                              | index.html Procfile   | ,,false
          """)
  @Tag("BLD-1")
  void pages_that_a_build_makes_are_a_site_where_nothing_else_starts(
      String manifest, String files, String site) throws Exception {
    Files.writeString(app.resolve("package.json"), "{" + manifest + "}");
    Files.createDirectory(app.resolve("public"));
    for (var each : files.split(" ", -1)) {
      Files.writeString(app.resolve(each), "web: node app.js\n");
    }

    var said =
        run("cd '%s'; read_site; echo \"$site_tool,$site_folder,$site_fallback\"".formatted(app));

    assertThat(said.strip()).isEqualTo(site);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {}                               | package-lock.json=1   | 14.21.3 | npm 6.14.18: its format
          {}                               | npm-shrinkwrap.json=1 | 10.24.1 | npm 6.14.18: its format
          {}                               | package-lock.json=2   | 14.21.3 | npm 9.9.4: it goes with
          {}                               | package-lock.json=1   | 16.20.2 | npm 9.9.4: it goes with
          {"engines": {"npm": ">=7"}}      | package-lock.json=1   | 14.21.3 | npm 9.9.4: it goes with
          {"engines": {"npm": ">=6"}}      | package-lock.json=1   | 14.21.3 | npm 6.14.18: its format
          {"packageManager": "npm@7.24.2"} | package-lock.json=1   | 14.21.3 | npm 7.24.2: it goes with
          {"engines": {"npm": "6.x"}}      | none                  | 20.20.2 | npm 6.14.18: it goes with
          {}                               | none                  | 14.21.3 | npm 9.9.4: it goes with
          {}                               | yarn.lock             | 14.21.3 | npm 9.9.4: it goes with
          """)
  @Tag("BLD-1")
  void what_npm_6_locked_npm_6_installs(String manifest, String files, String node, String says)
      throws Exception {
    var chosen =
        "node_version=%s default_node=24.21.0; choose_npm $node_version; echo \"npm $npm_version: $npm_by\""
            .formatted(node);

    assertThat(choice(manifest, files, chosen)).contains(says);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "none",
      textBlock =
          """
          memory.max                   | 2000000000          | none                       | --max-old-space-size=1430
          memory.max                   | 268435456           | --enable-source-maps       | --enable-source-maps --max-old-space-size=192
          memory.max                   | max                 | none                       | none
          memory/memory.limit_in_bytes | 2147483648          | none                       | --max-old-space-size=1536
          memory/memory.limit_in_bytes | 9223372036854771712 | none                       | none
          other                        | 2000000000          | none                       | none
          memory.max                   | 2000000000          | --max-old-space-size=99    | --max-old-space-size=99
          memory.max                   | 2000000000          | --max_old_space_size=99    | --max_old_space_size=99
          """)
  @Tag("BLD-1")
  void a_build_script_may_fill_three_quarters_of_the_builds_memory(
      String file, String limit, @Nullable String given, @Nullable String options)
      throws Exception {
    Files.createDirectory(scratch.resolve("memory"));
    Files.writeString(scratch.resolve(file), limit + "\n");

    var said =
        run(
            """
            runs() { echo "<$NODE_OPTIONS> <$NODE_ENV>"; }
            cgroup=%s NODE_OPTIONS='%s' manager=npm build=build has_next=false
            run_build
            echo "<$NODE_OPTIONS>"
            """
                .formatted(scratch, orEmpty(given)));

    assertThat(said)
        .contains("<%s> <production>\n".formatted(orEmpty(options)))
        .endsWith("<%s>\n".formatted(orEmpty(given)));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  @ParameterizedTest
  @CsvSource({"unset CI, ''", "export CI=false, false"})
  @Tag("BLD-1")
  void ci_is_for_the_installation_alone(String before, String seen) throws Exception {
    assertThat(
            run(
                """
                %s
                runs() { sh -c 'echo "<${CI-}>"'; }
                manager=npm build=build has_next=false
                run_manager install
                run_build
                """
                    .formatted(before)))
        .matches("(?s).*npm install\n *<true>\n.*<%s>\n".formatted(seen));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "build": "vite build" | 2000000000 | that is Node.js's share of the 2000 MB that a build may use  | let the operator raise WIDEMESH_BUILD_MEMORY
          "build": "vite build", "start": "node --max-old-space-size=99 a.js" | 2000000000 | that is Node.js's share | let the operator
          "build": "vite build" | max        | it needs more than Node.js takes by itself | NODE_OPTIONS=--max-old-space-size=4096
          "build": "NODE_OPTIONS=--max-old-space-size=512 vite build" | 2000000000 | it needs more than the app's own --max-old-space-size | the whole build may use 2000 MB
          """)
  @Tag("DEP-12")
  void a_build_script_that_fills_its_memory_is_told_of_the_limit(
      String script, String limit, String cause, String next) throws Exception {
    Files.writeString(app.resolve("package.json"), "{\"scripts\": {" + script + "}}");
    Files.writeString(scratch.resolve("memory.max"), limit + "\n");

    assertThat(
            run(
                """
                cd '%s'; cgroup='%s' manager=npm build=build has_next=false
                runs() { echo 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'; return 134; }
                run_build
                """
                    .formatted(app, scratch)))
        .contains(" !     the build script ran out of memory: " + cause, next);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          .npmrc      | //npm.example.com/:_authToken=${NPM_TOKEN} | npm error code E404 | NPM_TOKEN in .npmrc is not set: builds see configuration | write ${BP_NPM_TOKEN} in .npmrc
          .npmrc      | _auth=${BP_NPM_TOKEN} | npm error code E401  | BP_NPM_TOKEN in .npmrc is not set | mesh stack config set BP_NPM_TOKEN=...
          .npmrc      | _auth=${HOME}         | npm error code E404  | the npm registry has no package | correct its name
          .npmrc      | # ${NPM_TOKEN}        | npm error code E404  | the npm registry has no package | correct its name
          .npmrc      | _auth=${NPM_TOKEN-x}  | npm error code E404  | the npm registry has no package | correct its name
          .npmrc      | _auth=${NPM_TOKEN}    | npm error code EUSAGE | package.json and package-lock.json are out of step | npm install
          .npmrc      | _auth=${lock}         | odd                  | lock in .npmrc is not set | write ${BP_lock}
          .yarnrc.yml | npmAuthToken: "${NPM_TOKEN}" | odd           | NPM_TOKEN in .yarnrc.yml is not set | write ${BP_NPM_TOKEN} in .yarnrc.yml
          """)
  @Tag("DEP-12")
  void a_name_in_settings_of_the_manager_without_a_value_is_named(
      String file, String setting, String printed, String cause, String next) throws Exception {
    Files.writeString(app.resolve(file), setting + "\n");

    assertThat(
            choice(
                "{}",
                file.equals(".npmrc") ? "package-lock.json" : "yarn.lock=8",
                """
                unset NPM_TOKEN BP_NPM_TOKEN
                runs() { echo '%s'; return 1; }
                run_manager ci
                """
                    .formatted(printed)))
        .contains(" !     " + cause, "Try: " + next);
  }

  /// What npm 11 printed.
  @Test
  @Tag("DEP-12")
  void of_npm_ci_that_fails_the_reason_is_shown_and_not_its_options() throws Exception {
    var printed = Files.readString(Path.of("src/test/resources/npm-ci-refuses.txt"));
    var file = Path.of("src/test/resources/npm-ci-refuses.txt").toAbsolutePath();
    assertThat(printed).contains("npm error Clean install a project", "--install-strategy");

    assertThat(run(". ./npm.sh; without_usage <'%s'".formatted(file)))
        .isEqualTo(
            """
            npm error code EUSAGE
            npm error
            npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.
            npm error
            npm error Invalid: lock file's ms@2.1.2 does not satisfy ms@2.1.1
            npm error
            npm error Log files were not written due to the config logs-max=0
            """);
    assertThat(run(". ./npm.sh; sed '/more info/d' '%s' | without_usage".formatted(file)))
        .isEqualTo(printed.replace("npm error Run \"npm help ci\" for more info\n", ""));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("BLD-1")
  void programs_of_the_dependencies_are_found_at_start_and_the_app_where_it_lies(boolean manifest)
      throws Exception {
    var kept = Files.writeString(scratch.resolve("kept"), "of an earlier build");
    var layer = Files.createDirectories(scratch.resolve("node/env.launch"));
    Files.createLink(layer.resolve("NODE_ENV.default"), kept);

    run("cd '%s'; has_package=%s; settings_at_start '%s/node'".formatted(app, manifest, scratch));

    assertThat(kept).hasContent("of an earlier build");
    assertThat(layer.resolve("NODE_ENV.default")).hasContent("production");
    if (manifest) {
      assertThat(layer.resolve("APP_ROOT_PATH.default")).hasContent(app.toString());
      assertThat(layer.resolve("PATH.append")).hasContent(app + "/node_modules/.bin");
      assertThat(layer.resolve("PATH.delim")).hasContent(":");
    } else {
      assertThat(layer).isDirectoryNotContaining("glob:**{PATH,ROOT}*");
    }
  }

  private String run(String script) throws Exception {
    return Bash.run(
        LIB,
        """
        export CNB_BUILDPACK_DIR="$PWD/.." scratch='%s'
        ( for part in say fetch registry package version manager node memory explain modules site start; do . ./$part.sh; done
        %s ) 2>&1 || true
        """
            .formatted(scratch, script));
  }
}

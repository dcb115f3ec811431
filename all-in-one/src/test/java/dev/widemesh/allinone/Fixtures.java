package dev.widemesh.allinone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// The folders `buildpacks/*/fixture/*`, and a line for each: see [Fixture].
record Fixtures(Path buildpacks, List<Fixture> all) {
  /// name | says | path | answer | file | word > other | reuses | layers | needs; a layer that
  /// moves has a star
  private static final String EXPECTED =
      """
      deno/web       | Deno 2.9.5 | / | hello from deno | main.ts | hello > bye | Dependencies unchanged | deno modules | registry.npmjs.org
      go/shop        | Start: web (the command web | / | <h1>hello from go</h1> | cmd/web/main.go | hello from > bye from | Dependencies from the cache: nothing fetched | app* | proxy.golang.org
      go/vendored    | Go 1.26: toolchain in go.mod is 1.26.0 | / | 'hello from vendor' go1.26 | main.go | hello from > bye from | Dependencies from the folder vendor: nothing fetched | app* | proxy.golang.org
      go/work        | go build ./site/cmd/web ./tools/cmd/clock; Start: web | / | hello from a workspace 42 c51c6be5-6fb2-5c9b-b067-2ce68a72097e | site/cmd/web/main.go | hello from > bye from | Dependencies from the cache: nothing fetched | app* | proxy.golang.org
      gradle/kotlin  | Gradle 9.5.1: distributionUrl in; Java 21: the toolchain of build.gradle | / | hello from kotlin on java 21 | src/main/kotlin/web/Main.kt | hello from > bye from | nothing fetched | dependencies jre | services.gradle.org
      gradle/web     | Gradle 9.5.1: distributionUrl in; Task :installDist; 2 libraries in the layer dependencies | / | "hello from java" | src/main/java/web/Main.java | hello from > bye from | nothing fetched | dependencies jre | services.gradle.org
      maven/kotlin   | Installing Maven 3.9.11; distributionUrl in .mvn/wrapper/maven-wrapper.properties chooses it | / | hello from kotlin on java 21 | src/main/kotlin/web/Main.kt | hello from > bye from | nothing fetched | dependencies jre | repo.maven.apache.org
      maven/war      | Java 17: java.runtime.version in system.properties; target/shop-1.0.war is served by Tomcat 9: it uses javax.servlet | / | {"greeting":"hello from a servlet","java":17,"path":"/","server":"Apache Tomcat/9.0. | src/main/java/web/Hello.java | hello from > bye from | nothing fetched | dependencies jre tomcat tomcat-base | repo.maven.apache.org
      maven/web      | Java 21: pom.xml compiles for Java 21; Start: java -jar target/web.jar | / | "hello from java" | src/main/java/web/Main.java | hello from > bye from | nothing fetched | dependencies jre | repo.maven.apache.org
      nodejs/berry   | yarn 4.18.1: "packageManager" in package.json; yarn install --immutable; yarn run build | / | hello from yarn | server.js | hello from > bye from | Dependencies unchanged | manager modules node | registry.npmjs.org
      nodejs/bun     | bun 1.4.5: bun.lock; bun install --frozen-lockfile; bun run build | / | hello from bun | server.ts | hello from > bye from | Dependencies unchanged | manager modules | registry.npmjs.org
      nodejs/express | Node.js >=22: "engines.node" in package.json; npm ci --include=dev | / | hello from express | server.js | hello from > bye from | 1 file put into the last image | modules node | registry.npmjs.org
      nodejs/made    | In the image, too: what the build script made in node_modules (.client | / | {"greeting":"hello from what was made","installed":"from an installation","built":"from a build","patched":true,"others":[]} | server.js | hello from > bye from | Dependencies unchanged | modules node | registry.npmjs.org
      nodejs/next    | Next.js, without a start script | / | hello from next | app/page.js | hello from > bye from | (?s)Dependencies unchanged(?!.*No build cache found) | manager modules node | registry.npmjs.org
      nodejs/npm-workspaces  | Node.js lts/jod: .nvmrc; Installing Node.js 22; npm ci | / | {"greeting":"hello from a workspace","node":"22","price":42,"day":86400000,"development":false} | prices/prices.js | 42 > 43 | Dependencies unchanged | modules node | registry.npmjs.org
      nodejs/plain   | Start: node server.js (server.js | /x | plain production /x | server.js | plain > bare | 1 file put into the last image | node | registry.npmjs.org
      nodejs/pnpm    | pnpm 10.34.9: "packageManager" in package.json; pnpm install --frozen-lockfile; pnpm run build | / | hello from pnpm | server.js | hello from > bye from | Dependencies unchanged | manager modules node | registry.npmjs.org
      nodejs/pnpm-workspace  | "engines.node" in package.json; Installing Node.js 24.; pnpm install --frozen-lockfile | / | {"greeting":"hello from a workspace","node":"24","price":42,"day":86400000,"development":false} | web/server.js | hello from > bye from | Dependencies unchanged | manager modules node | registry.npmjs.org
      nodejs/vite    | Start: a server of files (Vite's pages in dist | /deep/inside | hello from vite | index.html | hello from > bye from | Dependencies unchanged | server* | registry.npmjs.org
      nodejs/yarn    | yarn 1.22.22: yarn.lock; choose another with "packageManager"; yarn install --frozen-lockfile | / | hello from yarn | server.js | hello from > bye from | Dependencies unchanged | manager modules node | registry.npmjs.org
      nodejs/yarn-workspaces | Node.js v20: .node-version; Installing Node.js 20; yarn install --immutable; yarn workspaces focus --all --production | / | {"greeting":"hello from a workspace","node":"20","price":42,"day":86400000,"development":false} | web/server.js | hello from > bye from | Dependencies unchanged | manager modules node | registry.npmjs.org
      php/shop       | PHP 8.4; Start: nginx and PHP-FPM, from public | / | hello from php | src/Answers.php | hello from > bye from | PHP 8[.]4[.]\\d+ [(]reused | php server vendor | deb.debian.org
      python/django  | pip install, as locked in poetry.lock | / | hello from django, /static/shop. | shop/urls.py | hello from > bye from | Dependencies unchanged | python venv | pypi.org
      python/fastapi | uv sync --locked; Start: /bin/bash -c exec uvicorn main:app | /prices/21 | {"price":42,"for_developers":false} | main.py | for_developers > for_tests | 1 file put into the last image | python venv | pypi.org
      python/flask   | pip install -r requirements.txt; Start: gunicorn app:app | / | hello from flask | app.py | hello from > bye from | 1 file put into the last image | python venv | pypi.org
      python/pipenv  | pip install, as locked in Pipfile.lock; Start: python main.py | / | {"greeting": "hello from pipenv", "for_developers": false} | main.py | hello from > bye from | 1 file put into the last image | python venv | pypi.org
      ruby/shop      | Ruby 3.3 | / | hello from ruby | config.ru | hello from > bye from | Dependencies unchanged | gems ruby | deb.debian.org
      rust/shop      | Crates compiled: 8, reused: 0 | / | <h1>hello from rust</h1> | web/src/main.rs | hello from > bye from | Crates compiled: 1, reused: 7 | app* | static.rust-lang.org index.crates.io
      static/site    | Static site | / | A static site | index.html | A static > Another | Moved \\d+ k?B in | server* |
      """;

  private static final String MOVES = "*";

  static Fixtures of(Path buildpacks) {
    return new Fixtures(buildpacks, EXPECTED.lines().map(Fixtures::parse).toList());
  }

  private static Fixture parse(String line) {
    var cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    var words = cells.get(5).split(" > ", -1);
    return new Fixture(
        cells.get(0),
        List.of(cells.get(1).split("; ", -1)),
        cells.get(2),
        cells.get(3),
        cells.get(4),
        words[0],
        words[1],
        cells.get(6),
        listed(cells.get(7)).filter(layer -> !layer.endsWith(MOVES)).toList(),
        listed(cells.get(7))
            .filter(layer -> layer.endsWith(MOVES))
            .map(layer -> layer.replace(MOVES, ""))
            .toList(),
        listed(cells.get(8)).toList());
  }

  private static Stream<String> listed(String words) {
    return Arrays.stream(words.split(" ", -1)).filter(word -> !word.isEmpty());
  }

  /// The names of those that lie there.
  List<String> folders() throws IOException {
    var found = new ArrayList<String>();
    try (var all = Files.newDirectoryStream(buildpacks, "[!.]*")) {
      for (var buildpack : all) {
        if (Files.isDirectory(buildpack.resolve("fixture"))) {
          try (var folders = Files.newDirectoryStream(buildpack.resolve("fixture"))) {
            folders.forEach(each -> found.add(buildpack.getFileName() + "/" + each.getFileName()));
          }
        }
      }
    }
    return found.stream().sorted().toList();
  }

  /// Into that folder, beside what is there.
  void copy(Fixture fixture, Path to) throws IOException {
    var name = fixture.name().split("/", -1);
    var folder = buildpacks.resolve(name[0]).resolve("fixture").resolve(name[1]);
    try (var files = Files.newDirectoryStream(folder)) {
      for (var file : files) {
        PackagedClone.copyTree(file, to.resolve(file.getFileName()));
      }
    }
  }
}

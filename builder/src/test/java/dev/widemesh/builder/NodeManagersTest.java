package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.api.BuildWire.ProcessType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Node.js apps whose dependencies are not npm's to install. They share a stack, and so its
/// Node.js.
@DisplayNameGeneration(ReplaceUnderscores.class)
class NodeManagersTest {
  private static final String STACK = "node";

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, "nodejs/fixture/pnpm");

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  @Tag("BLD-11")
  @Tag("DEP-12")
  void an_app_of_pnpm_answers_and_a_changed_line_moves_only_its_own_files(
      Workshop workshop, Job first, Built built) throws Exception {
    assertThat(workshop.output(first))
        .contains("pnpm 10.34.9: \"packageManager\" in package.json")
        .contains("pnpm install --frozen-lockfile", "pnpm run build");
    assertThat(built.processes())
        .containsExactly(new ProcessType("web", null, List.of("pnpm", "start")));
    answers(built, "hello from", workshop);

    var checkout = workshop.checkout("nodejs/fixture/pnpm");
    Workshop.replace(checkout.resolve("server.js"), "hello from", "bye from");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    var changed = workshop.build(second);
    assertThat(workshop.output(second))
        .contains("pnpm 10.34.9 (reused)", "Dependencies unchanged (reused)")
        .contains("Layers reused: manager, modules, node")
        .containsPattern("Moved \\d+ (kB|B) in [12] of 5 layers");
    answers(changed, "bye from", workshop);

    var same = workshop.job(STACK, checkout, Optional.of(changed));
    assertThat(workshop.build(same).reused()).isTrue();

    Workshop.replace(checkout.resolve("package.json"), "\"^2.1.3\"", "\"^2.1.2\"");
    var cause = workshop.refuse(workshop.job(STACK, checkout));
    assertThat(cause.summary()).isEqualTo("package.json and pnpm-lock.yaml are out of step");
    assertThat(cause.nextStep()).startsWith("pnpm install && git add pnpm-lock.yaml");
  }

  /// With what the build script made of a development dependency, and without that.
  private static void answers(Built built, String greeting, Workshop workshop) throws Exception {
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo(greeting + " pnpm\n");
      assertThat(app.get("/environment").body())
          .isEqualTo("{\"mode\":\"production\",\"day\":86400000,\"development\":false}");
    }
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_yarn_that_is_part_of_the_repository_installs(Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/berry");
    var release = checkout.resolve(".yarn/releases/yarn-own.cjs");
    Files.createDirectories(release.getParent());
    Files.writeString(
        release, "console.log('9.8.7');\nprocess.exit(process.argv[2] === '--version' ? 0 : 7);\n");
    Files.writeString(checkout.resolve(".yarnrc.yml"), "yarnPath: .yarn/releases/yarn-own.cjs\n");
    var job = workshop.job(STACK, checkout);

    assertThat(workshop.refuse(job).summary()).isEqualTo("yarn install failed with exit code 7");
    assertThat(workshop.output(job))
        .contains("yarn 9.8.7: .yarn/releases/yarn-own.cjs, yarnPath in .yarnrc.yml");

    Files.writeString(checkout.resolve(".yarnrc.yml"), "npmAuthToken: \"${NPM_TOKEN}\"\n");
    var cause = workshop.refuse(workshop.job(STACK, checkout));
    assertThat(cause.summary()).startsWith("NPM_TOKEN in .yarnrc.yml is not set: builds see");
    assertThat(cause.nextStep()).startsWith("write ${BP_NPM_TOKEN} in .yarnrc.yml, commit, mesh");
  }

  /// It needs what is removed.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void removing_development_dependencies_runs_no_script_of_the_app_again(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/berry");
    Workshop.replace(
        checkout.resolve("package.json"),
        "\"build\": \"mustache",
        "\"postinstall\": \"mustache --version\", \"build\": \"mustache");
    Workshop.replace(
        checkout.resolve("package.json"), "node server.js", "node -r ./.pnp.cjs server.js");
    Files.writeString(checkout.resolve(".pnp.cjs"), "throw new Error();\n");
    var job = workshop.job(STACK, checkout);
    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("yarn workspaces focus --all --production");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/environment").body()).endsWith("\"development\":false}");
    }
  }

  /// Yarn 1 would undo it when it removes development dependencies.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void what_a_script_of_the_app_patched_at_installation_is_in_the_image(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/yarn");
    Workshop.replace(
        checkout.resolve("package.json"),
        "\"build\": \"mustache",
        "\"postinstall\": \"sed -i 's/h \\\\* 24/h * 25/' node_modules/ms/index.js\", \"build\": \"mustache");
    var job = workshop.job(STACK, checkout);
    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("The development dependencies stay: yarn removes");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/environment").body()).contains("\"day\":90000000,");
    }
  }

  /// It has no option for leaving out the app's scripts, which would need what is removed.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_pnpm_of_old_removes_development_dependencies_and_runs_no_script_of_the_app_again(
      Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/pnpm");
    Files.writeString(
        checkout.resolve("pnpm-lock.yaml"),
        """
        lockfileVersion: '6.0'

        settings:
          autoInstallPeers: true
          excludeLinksFromLockfile: false

        dependencies:
          ms:
            specifier: ^2.1.3
            version: 2.1.3

        devDependencies:
          mustache:
            specifier: ^4.2.0
            version: 4.2.0

        packages:

          /ms@2.1.3:
            resolution: {integrity: sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==}
            dev: false

          /mustache@4.2.0:
            resolution: {integrity: sha512-71ippSywq5Yb7/tVYyGbkBggbU8H3u5Rz56fH60jGFgr8uHwxs+aSKeqmluIVzM0m0kB7xQjKS6qPfd0b2ZoqQ==}
            hasBin: true
            dev: true
        """);
    var manifest = checkout.resolve("package.json");
    var text = Files.readString(manifest).replaceFirst("pnpm@[^\"]*", "pnpm@8.6.12");
    Files.writeString(
        manifest,
        text.replace(
            "\"build\": \"mustache",
            "\"postinstall\": \"mustache --version\", \"build\": \"mustache"));
    var job = workshop.job(STACK, checkout);
    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("pnpm 8.6.12: ", "pnpm prune --prod\n");
    answers(built, "hello from", workshop);
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void what_npm_6_locked_for_a_node_js_of_its_time_it_installs_and_removes(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/yarn");
    Files.delete(checkout.resolve("yarn.lock"));
    Workshop.replace(
        checkout.resolve("package.json"),
        "\"private\": true",
        "\"private\": true, \"engines\": {\"node\": \"14.x\"}");
    Files.writeString(
        checkout.resolve("package-lock.json"),
        """
        {
          "name": "fixture-yarn",
          "requires": true,
          "lockfileVersion": 1,
          "dependencies": {
            "ms": {
              "version": "2.1.3",
              "resolved": "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz",
              "integrity": "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=="
            },
            "mustache": {
              "version": "4.2.0",
              "resolved": "https://registry.npmjs.org/mustache/-/mustache-4.2.0.tgz",
              "integrity": "sha512-71ippSywq5Yb7/tVYyGbkBggbU8H3u5Rz56fH60jGFgr8uHwxs+aSKeqmluIVzM0m0kB7xQjKS6qPfd0b2ZoqQ==",
              "dev": true
            }
          }
        }
        """);
    var job = workshop.job("npm-6", checkout);
    var built = workshop.build(job);

    assertThat(workshop.output(job)).contains("npm 6.14.18: package-lock.json; its format is");
    try (var app = workshop.run(built)) {
      assertThat(app.get("/environment").body())
          .isEqualTo("{\"mode\":\"production\",\"day\":86400000,\"development\":false}");
    }

    Workshop.replace(checkout.resolve("package.json"), "\"^2.1.3\"", "\"^2.0.0 <2.1.3\"");
    assertThat(workshop.refuse(workshop.job("npm-6", checkout)).summary())
        .isEqualTo("package.json and package-lock.json are out of step");
  }

  @ParameterizedTest
  @CsvSource({"yarn", "berry", "pnpm", "bun"})
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(
      String manager, @TempDir Path elsewhere, Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/" + manager);
    var first = workshop.job("same-" + manager, checkout);
    var built = workshop.build(first);
    try (var other = new Workshop(elsewhere)) {
      other.sources.commit(checkout, first.commit(), "");
      assertThat(other.build(first).image()).isEqualTo(built.image());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          yarn | package.json | "ms": "^2.1.3"    | "ms": "^2.1.2"              | package.json and yarn.lock are out of step
          yarn | yarn.lock    | ms@^2.1.3         | ms@^2.1.4                   | package.json and yarn.lock are out of step
          yarn | package.json | mustache build    | false build                 | the build script failed with exit code 1
          yarn | package.json | "private": true   | "engines": {"yarn": "3"}    | no version of yarn fits '3' ("engines.yarn" in package.json)
          berry | package.json | "ms": "^2.1.3"   | "ms": "^2.1.2"              | package.json and yarn.lock are out of step
          berry | package.json | sha512.b         | sha512.c                    | yarn 4.18.1 is not what packageManager in package.json says
          berry | yarn.lock    | checksum: 10c0/d | checksum: 10c0/e            | yarn install failed with exit code 1
          bun  | package.json | "ms": "^2.1.3"    | "ms": "^1.0.0"              | package.json and bun.lock are out of step
          pnpm | package.json | pnpm@10.34.9      | pnpm@10.34.8                | pnpm 10.34.8 is not what packageManager in package.json says
          pnpm | package.json | pnpm@10.34.9      | pnpm@10.999.0               | registry.npmjs.org does not have pnpm/10.999.0
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_installed_is_named(
      String manager, String file, String from, String to, String cause, Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/" + manager);
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).startsWith(cause);
  }

  /// By a stack that has not fetched it before.
  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_package_that_is_not_what_the_lock_of_bun_says_is_named(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/bun");
    Workshop.replace(checkout.resolve("bun.lock"), "sha512-6Flz", "sha512-7Flz");

    assertThat(workshop.refuse(workshop.job("bun-sum", checkout)).summary())
        .isEqualTo("ms is not what bun.lock says (its sum differs)");
  }

  @ParameterizedTest
  @CsvSource({"yarn", "pnpm", "bun"})
  @Tag("nightly")
  @Tag("DEP-12")
  void a_package_that_does_not_exist_is_named(String manager, Workshop workshop) throws Exception {
    var checkout = workshop.checkout("nodejs/fixture/" + manager);
    try (var locks = Files.newDirectoryStream(checkout, "*lock*")) {
      for (var lock : locks) {
        Files.delete(lock);
      }
    }
    Workshop.replace(
        checkout.resolve("package.json"), "\"ms\": ", "\"@widemesh/does-not-exist\": ");
    Workshop.replace(
        checkout.resolve("package.json"),
        "\"private\"",
        "\"engines\": {\"" + manager + "\": \">=1\"}, \"x\"");

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary())
        .isEqualTo("the npm registry has no package @widemesh/does-not-exist");
  }
}

package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.BuildWire.Built;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Ruby apps, with gems that Debian has or that are folders of the app.
@DisplayNameGeneration(ReplaceUnderscores.class)
class RubyTest {
  private static final String STACK = "ruby";
  private static final String FIXTURE = "ruby/fixture/shop";
  private static final String RUBYGEMS = "index.rubygems.org";

  /// Finds them, and whatever they need, as a gem does that was compiled against them.
  private static final String LIBRARIES =
      """
      version = Fiddle::Function.new(Fiddle.dlopen("libpq.so.5")["PQlibVersion"], [], Fiddle::TYPE_INT).call
      yaml = Fiddle::Function.new(Fiddle.dlopen("libyaml-0.so.2")["yaml_get_version_string"], [], Fiddle::TYPE_VOIDP).call
      print version / 10_000, " ", yaml
      """;

  @RegisterExtension static final FirstBuild FIRST = new FirstBuild(STACK, FIXTURE);

  private static String[] in(Built built, String... command) {
    return Stream.concat(built.entrypoint().stream(), Stream.of(command)).toArray(String[]::new);
  }

  @Test
  @Tag("BLD-1")
  @Tag("BLD-9")
  void an_app_answers_and_a_changed_line_moves_only_its_own_files(Workshop workshop, Built built)
      throws Exception {
    try (var app = workshop.run(built)) {
      assertThat(app.get("/").body()).isEqualTo("hello from ruby\n");
      assertThat(app.get("/price").body()).isEqualTo("42");
      assertThat(app.get("/environment").body())
          .isEqualTo("{\"ruby\":\"3.3\",\"mode\":\"production\",\"puma\":\"6.6.0\"}");
      assertThat(app.exec("ls", "/layers/widemesh_ruby")).isEqualTo("gems\nruby");
      assertThat(app.exec(in(built, "ruby", "-rfiddle", "-e", LIBRARIES))).isEqualTo("17 0.2.5");
    }

    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve("gems/prices/lib/prices.rb"), "price * 2", "price * 3");
    var second = workshop.job(STACK, checkout, Optional.of(built));
    try (var app = workshop.run(workshop.build(second))) {
      assertThat(app.get("/price").body()).isEqualTo("63");
    }
    assertThat(workshop.output(second))
        .contains("Ruby 3.3.8 (reused)", "Dependencies unchanged (reused)")
        .contains("Layers reused: gems, ruby")
        .containsPattern("Moved \\d+ (kB|B) in 1 of 4 layers");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-10")
  void the_same_commit_is_the_same_image_wherever_it_is_built(Built built) throws Exception {
    assertThat(FIRST.elsewhere().image()).isEqualTo(built.image());
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-9")
  void other_groups_of_gems_are_installed_afresh(Workshop workshop, Built built) throws Exception {
    var other = Map.of("BP_BUNDLE_WITHOUT", "development:test:more");
    var job = workshop.job(STACK, workshop.checkout(FIXTURE), Optional.of(built), other);
    workshop.build(job);

    assertThat(workshop.output(job))
        .contains("Installing the dependencies")
        .doesNotContain("Dependencies unchanged");
  }

  /// Without a source, the gems are those that are there.
  @Test
  @Tag("nightly")
  @Tag("BLD-9")
  void without_a_lock_file_the_next_build_gets_the_same_gems(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.delete(checkout.resolve("Gemfile.lock"));
    Workshop.replace(checkout.resolve("Gemfile"), "source \"https://rubygems.org\"", "");
    Workshop.replace(checkout.resolve("Gemfile"), "gem \"minitest\"", "");
    var once = workshop.build(workshop.job("unlocked", checkout));
    Workshop.replace(checkout.resolve("gems/prices/lib/prices.rb"), "price * 2", "price * 3");

    var job = workshop.job("unlocked", checkout, Optional.of(once));
    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/price").body()).isEqualTo("63");
    }
    assertThat(workshop.output(job)).contains("Dependencies unchanged (reused)");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void rack_needs_no_gemfile(Workshop workshop) throws Exception {
    var checkout = workshop.empty();
    Files.writeString(
        checkout.resolve("config.ru"), "run ->(env) { [200, {}, [env['PATH_INFO']]] }\n");
    var job = workshop.job("rack", checkout);

    try (var app = workshop.run(workshop.build(job))) {
      assertThat(app.get("/plain").body()).isEqualTo("/plain");
    }
    assertThat(workshop.output(job)).contains("config.ru, with Debian's Puma");
  }

  /// By a gem of the name of Rails', which stands for it; and a program is compiled as gems are.
  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  @Tag("DEP-12")
  void assets_are_made_in_the_build(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.move(checkout.resolve("gems/prices"), checkout.resolve("gems/propshaft"));
    Files.move(
        checkout.resolve("gems/propshaft/prices.gemspec"),
        checkout.resolve("gems/propshaft/propshaft.gemspec"));
    for (var file : new String[] {"Gemfile", "Gemfile.lock", "gems/propshaft/propshaft.gemspec"}) {
      var text = Files.readString(checkout.resolve(file)).replace("lib/prices", "lib/kept");
      Files.writeString(
          checkout.resolve(file),
          text.replace("prices", "propshaft").replace("lib/kept", "lib/prices"));
    }
    Workshop.replace(checkout.resolve("Gemfile"), "gem \"minitest\"", "");
    Workshop.replace(checkout.resolve("Gemfile"), "gem \"rack\"", "gem \"rake\"\ngem \"rack\"");
    Workshop.replace(checkout.resolve("Gemfile.lock"), "    minitest (5.20.0)\n", "");
    Workshop.replace(checkout.resolve("Gemfile.lock"), "  minitest\n", "");
    Workshop.replace(
        checkout.resolve("Gemfile.lock"),
        "    rack (3.1.20)\n",
        "    rack (3.1.20)\n    rake (13.2.1)\n");
    Workshop.replace(
        checkout.resolve("Gemfile.lock"), "  rack (~> 3.1)\n", "  rack (~> 3.1)\n  rake\n");
    var task = checkout.resolve("Rakefile");
    Files.writeString(
        task,
        """
        task "assets:precompile" do
          File.write("made.txt", ENV["RAILS_ENV"] + ENV["SECRET_KEY_BASE_DUMMY"])
          File.write("pq.c", <<~C)
            #include <libpq-fe.h>
            #include <yaml.h>
            #include <stdio.h>
            int main(void) { return !printf("%d %s", PQlibVersion() / 10000, yaml_get_version_string()); }
          C
          sh "gcc -Werror -o pq pq.c $(pkg-config --libs libpq yaml-0.1)"
        end
        """);

    var made = workshop.build(workshop.job("assets", checkout));
    try (var app = workshop.run(made)) {
      assertThat(app.get("/price").body()).isEqualTo("42");
      assertThat(app.exec("cat", "made.txt")).isEqualTo("production1");
      assertThat(app.exec(in(made, "./pq"))).isEqualTo("17 0.2.5");
    }

    Workshop.replace(task, "File.write(\"made.txt\", ", "raise(");
    assertThat(workshop.refuse(workshop.job("assets", checkout)).summary())
        .isEqualTo("rake assets:precompile failed with exit code 1");
  }

  @Test
  @Tag("nightly")
  @Tag("BLD-1")
  void a_gem_of_rubygems_is_installed(Workshop workshop) throws Exception {
    Workshop.skipWithout(RUBYGEMS);
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve("Gemfile.lock"), "rack (3.1.20)", "rack (3.1.16)");

    try (var app = workshop.run(workshop.build(workshop.job("rubygems", checkout)))) {
      assertThat(app.get("/price").body()).isEqualTo("42");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Gemfile      | "~> 3.1"                | "~> 3.2"               | Gemfile and Gemfile.lock are out of step
          Gemfile      | gem "puma"              | ruby "3.2.2"; gem "puma" | the Gemfile wants Ruby 3.2.2, and this is 3.3.8
          Gemfile      | gem "puma", "~> 6.6"    | gem "puma" "           | the Gemfile is not right: syntax error
          """)
  @Tag("nightly")
  @Tag("DEP-12")
  void what_cannot_be_installed_is_named(
      String file, String from, String to, String cause, Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Workshop.replace(checkout.resolve(file), from, to);

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary()).startsWith(cause);
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_registry_that_does_not_answer_is_named(Workshop workshop) throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    for (var file : new String[] {"Gemfile", "Gemfile.lock"}) {
      Workshop.replace(checkout.resolve(file), "https://rubygems.org", "https://127.0.0.1:9");
    }
    Workshop.replace(checkout.resolve("Gemfile.lock"), "rack (3.1.20)", "rack (3.1.16)");

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary())
        .startsWith("127.0.0.1:9 did not answer");
  }

  @Test
  @Tag("nightly")
  @Tag("DEP-12")
  void a_ruby_that_cannot_be_had_is_answered_with_those_that_can(Workshop workshop)
      throws Exception {
    var checkout = workshop.checkout(FIXTURE);
    Files.writeString(checkout.resolve(".ruby-version"), "ruby-3.2.2\n");

    assertThat(workshop.refuse(workshop.job(STACK, checkout)).summary())
        .isEqualTo("Ruby 3.2.2 cannot be had here (.ruby-version): 3.3 can");
  }
}

package dev.widemesh.builder.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
class IgnoreRulesTest {
  @Test
  @Tag("BLD-5")
  void rules_mean_what_docker_means() {
    var rules =
        IgnoreRules.parse(
            """
            # a comment
            /node_modules
            *.log
            **/*.tmp
            docs/
            temp?
            [a-c]x
            keep
            !keep/this
            a/**/z
            """);

    for (var path :
        new String[] {
          "node_modules",
          "node_modules/x/y",
          "a.log",
          "x/y/b.tmp",
          "c.tmp",
          "docs/index.md",
          "temp1",
          "bx",
          "keep/that",
          "a/z",
          "a/b/c/z"
        }) {
      assertThat(rules.ignores(path)).as(path).isTrue();
    }
    for (var path :
        new String[] {
          "src/node_modules",
          "x/a.log",
          "temp",
          "temp12",
          "dx",
          "keep/this",
          "keep/this/file",
          "Dockerfile"
        }) {
      assertThat(rules.ignores(path)).as(path).isFalse();
    }
  }

  @Test
  void rules_are_read_to_the_end() {
    var rules = IgnoreRules.parse("# more\n".repeat(2_000) + "a**z\n**/b/*\nc/**\n[^x-z]q\n");

    for (var path : new String[] {"az", "a/b/z", "x/b/c", "b/c/d", "c/d", "aq"}) {
      assertThat(rules.ignores(path)).as(path).isTrue();
    }
    for (var path : new String[] {"a", "xb/c", "b", "c", "xq", "/q"}) {
      assertThat(rules.ignores(path)).as(path).isFalse();
    }
  }

  @Test
  @Timeout(10)
  void no_rule_takes_long() {
    var name = "a".repeat(200) + "b";
    var rules =
        IgnoreRules.parse(
            "**a".repeat(100) + "\n" + "*a".repeat(100) + "\n" + "**/*a".repeat(100) + "\n");

    for (var i = 0; i < 100; i++) {
      assertThat(rules.ignores(name + "/" + name + i)).isFalse();
    }
  }

  @Test
  void odd_rules_are_harmless() {
    var rules = IgnoreRules.parse("[\n!\n\\\n../..\n[]\n[!\n(x)+\n[z-a]\n");

    assertThat(rules.ignores("anything")).isFalse();
    assertThat(rules.ignores("(x)+")).isTrue();
  }
}

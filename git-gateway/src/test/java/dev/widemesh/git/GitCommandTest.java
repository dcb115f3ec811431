package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.model.EnvironmentName;
import dev.widemesh.model.StackName;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitCommandTest {
  private static final EnvironmentName SHOP = new EnvironmentName("shop");
  private static final StackName WEB = new StackName("web");

  @ParameterizedTest
  @ValueSource(strings = {"'/shop/web.git'", "'shop/web.git'", "'/shop/web'", "'/shop/web.git/'"})
  void the_forms_that_git_sends_name_the_same_stack(String path) {
    assertThat(GitCommand.parse("git-receive-pack " + path))
        .isEqualTo(new GitCommand.ReceivePack(SHOP, WEB));
    assertThat(GitCommand.parse("git upload-pack " + path))
        .isEqualTo(new GitCommand.UploadPack(SHOP, WEB));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'../../x'",
        "'//shop/web'",
        "'-oProxyCommand=x/y'",
        "\"shop/web\"",
        "shop/web",
        "'shop/web';id",
        "'shop/web.git' x",
        "'shop/we\0b'",
        "'shop/web\n'",
        "'Shop/web'",
        "'~ann/web'",
        "'shop/web/more'",
        "'shop'",
        "'/prod/it'\\''s.git'"
      })
  void everything_else_is_refused_in_gits_own_words(String path) {
    assertThat(GitCommand.parse("git-receive-pack " + path))
        .isInstanceOfSatisfying(
            GitCommand.Refused.class, refused -> assertThat(refused.git()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "id",
        "scp -t /tmp",
        "git-upload-archive 'shop/web'",
        "GIT-receive-pack 'a/b'"
      })
  void other_programs_are_refused_in_plain_words(String command) {
    assertThat(GitCommand.parse(command))
        .isInstanceOfSatisfying(
            GitCommand.Refused.class, refused -> assertThat(refused.git()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 64_000})
  void a_long_command_is_refused(int length) {
    assertThat(GitCommand.parse("git-receive-pack '" + "a".repeat(length) + "/b'"))
        .isInstanceOf(GitCommand.Refused.class);
  }
}

package dev.widemesh.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-3")
class BuildpackReferenceTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "widemesh/nodejs,                        Named[id=widemesh/nodejs]",
    "./buildpacks/mine,                      Folder[path=buildpacks/mine]",
    "./mine/,                                Folder[path=mine]",
    "https://git.example.com/a/b.git#v1.2,   'Git[repository=https://git.example.com/a/b.git, ref=v1.2]'",
    "https://git.example.com/a/b,            'Git[repository=https://git.example.com/a/b, ref=]'",
    "git+https://host/a.tgz#feature/x,       'Git[repository=https://host/a.tgz, ref=feature/x]'",
    "https://host:8443/a/b.tgz,              'Archive[file=https://host:8443/a/b.tgz, sha256=Optional.empty]'",
    "https://host/b.tar.gz,                  'Archive[file=https://host/b.tar.gz, sha256=Optional.empty]'",
    "docker://acme/java:9,                   Image[name=acme/java:9]",
    "ghcr.io/acme/java,                      Image[name=ghcr.io/acme/java]",
    "localhost:5000/java:1,                  Image[name=localhost:5000/java:1]",
  })
  void what_can_be_named(String text, String expected) {
    assertThat(BuildpackReference.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://host/b.tgz#sha256=", "docker://acme/java@sha256:"})
  void a_hash_holds_it_to_one_content(String text) {
    assertThat(BuildpackReference.parse(text + HASH).toString()).contains(HASH);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "http://host/a.git,                 neither https",
    "ssh://git@host/a.git,              neither https",
    "git@host:a.git,                    no image's name",
    "file:///etc,                       neither https",
    "/etc,                              neither https",
    "../mine,                           neither https",
    "./../mine,                         does not stay in the repository",
    "./a/./b,                           does not stay in the repository",
    "./,                                no folder below",
    "./a//b,                            no folder below",
    "https://user:word@host/a.git,      holds a name or password",
    "https://host/b.tar.gz?raw=1,       has a query",
    "https://host/b.tgz?,               has a query",
    "https://host/a.git?x=1#v1,         has a query",
    "git+https://host/a?x=1,            has a query",
    "https://host,                      is not an address",
    "https:///a.git,                    is not an address",
    "https://host/a.git#-x,             has after # no branch",
    "https://host/a.git#a..b,           has after # no branch",
    "https://host/a.tgz#v1,             something else than sha256",
    "docker://Acme/Java,                no image's name",
    "docker://host/a:b:c,               no image's name",
    "nodejs,                            no buildpack's id",
    "'a b',                             without spaces",
  })
  void what_cannot_be_is_refused_with_the_reason(String text, String reason) {
    assertThat(BuildpackReference.refusal(text).orElseThrow()).contains(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://ada:hunter2@host/a.git",
        "git+https://hunter2@host/a",
        "https://ada:hunter2/?@host/a.git",
        "https://ada:hun ter2:hunter2@host/a.git",
        "ssh://git:hunter2@host/a.git",
        "https://host/a.tgz?token=hunter2",
        "https://host/a.tgz?hunter2#sha256=0",
        "https://host?hunter2",
        "https://host/a b.tgz?hunter2",
        "docker://ghcr.io/acme/java?token=hunter2",
      })
  void a_password_or_token_is_not_repeated(String text) {
    assertThat(BuildpackReference.refusal(text).orElseThrow()).doesNotContain("hunter2");
  }
}

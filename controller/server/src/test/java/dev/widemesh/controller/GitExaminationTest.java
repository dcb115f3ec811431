package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.GitWire;
import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class GitExaminationTest {
  private static final String MAIN = "refs/heads/main";
  private static final String HIDDEN = "refs/widemesh/deployments/d1";

  @Test
  void nothing_is_found_where_all_agrees() {
    assertThat(found(Map.of(MAIN, "aaa", HIDDEN, "aaa"))).isEmpty();
  }

  @Test
  void a_branch_that_is_not_what_is_live() {
    assertThat(found(Map.of(MAIN, "bbb", HIDDEN, "aaa")))
        .containsExactly("repository s1: the branch is {refs/heads/main=bbb} instead of aaa");
  }

  @Test
  void hidden_refs_that_are_missing_wrong_or_too_many() {
    assertThat(found(Map.of(MAIN, "aaa")))
        .containsExactly("repository s1: " + HIDDEN + " is missing");
    assertThat(found(Map.of(MAIN, "aaa", HIDDEN, "bbb")))
        .containsExactly("repository s1: " + HIDDEN + " is bbb instead of aaa");
    assertThat(found(Map.of(MAIN, "aaa", HIDDEN, "aaa", HIDDEN + "x", "aaa")))
        .containsExactly("repository s1: " + HIDDEN + "x belongs to no deployment that is kept");
  }

  @Test
  void a_repository_of_no_stack_and_one_that_lost_objects() {
    var survey =
        git(
            new Survey.Repository(
                "s1", Map.of(MAIN, "aaa", HIDDEN, "aaa"), List.of(MAIN), List.of("x.lock")),
            new Survey.Repository("s2", Map.of(), List.of(), List.of()));
    assertThat(what(survey))
        .containsExactlyInAnyOrder(
            "repository s1: " + MAIN + " names what is not there",
            "repository s1: x.lock is left of a write that broke off",
            "there is a repository of stack s2, which does not exist");
  }

  @Test
  void a_stack_whose_repository_is_gone() {
    assertThat(what(git())).containsExactly("stack s1 has deployments but no repository");
  }

  private static List<String> found(Map<String, String> refs) {
    return what(git(new Survey.Repository("s1", refs, List.of(), List.of())));
  }

  private static Survey.Git git(Survey.Repository... repositories) {
    return new Survey.Git(
        List.of(), new Survey.Disk("/data", 1, 1), List.of(repositories), List.of());
  }

  private static List<String> what(Survey.Git survey) {
    var stack =
        new GitWire.Projection("s1", "main", "aaa", List.of(new GitWire.Kept("d1", "aaa", false)));
    var wanted = new Wanted(Map.of(), List.of(stack), java.util.Set.of(), List.of(), List.of());
    return GitExamination.of(wanted, survey).stream().map(Finding::what).toList();
  }
}

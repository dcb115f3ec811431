package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.widemesh.builder.lifecycle.Buildpack.Member;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tomlj.Toml;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("BLD-2")
class OrderExpansionTest {
  private final Map<String, Buildpack> known = new HashMap<>();

  OrderExpansionTest() {
    for (var id : List.of("a", "b", "c", "d")) {
      known.put(id, buildpack(id, List.of()));
    }
  }

  @Test
  void a_composite_is_replaced_by_each_of_its_groups_the_left_one_varying_slowest()
      throws Exception {
    known.put("x", buildpack("x", List.of(group("a"), group("b"))));
    known.put("y", buildpack("y", List.of(group("c"), group("d"))));

    assertThat(expand(group("x", "y"))).containsExactly("a c", "a d", "b c", "b d");
  }

  @Test
  void an_optional_composite_is_also_left_out() throws Exception {
    known.put("x", buildpack("x", List.of(group("a"), group("b"))));

    assertThat(expand(List.of(new Member("x", true), new Member("c", false))))
        .containsExactly("a c", "b c", "c");
  }

  @Test
  void a_buildpack_that_the_group_has_is_not_added_again() throws Exception {
    known.put("x", buildpack("x", List.of(group("a", "b"))));

    assertThat(expand(group("a", "x"))).containsExactly("a b");
  }

  @Test
  void a_composite_that_contains_itself_is_refused() {
    known.put("x", buildpack("x", List.of(group("y"))));
    known.put("y", buildpack("y", List.of(group("x"))));

    assertThatThrownBy(() -> expand(group("x"))).hasMessageContaining("contains itself");
  }

  @Test
  void too_many_groups_are_refused_one_beside_the_other_as_well() {
    known.put("x", buildpack("x", Collections.nCopies(9_000, group("a"))));
    var order = List.of(group("x"), group("x"));

    assertThatThrownBy(() -> OrderExpansion.expand(order, known))
        .hasMessageContaining("more than 10000 groups");
  }

  @Test
  void what_is_for_tests_alone_is_left_out() throws Exception {
    known.put("t", buildpack("t", false, List.of()));
    var toml =
        """
        [[order]]
        [[order.group]]
        id = "a"
        exec-env = ["test"]
        [[order.group]]
        id = "b"
        exec-env = ["test", "production"]
        [[order.group]]
        id = "t"
        [[order.group]]
        id = "c"
        exec-env = ["*"]
        """;

    assertThat(expand(Buildpack.order(Toml.parse(toml)).getFirst())).containsExactly("b c");
  }

  @Test
  void an_unknown_buildpack_is_refused() {
    assertThatThrownBy(() -> expand(group("z"))).hasMessage("there is no buildpack z");
  }

  private List<String> expand(List<Member> group) throws BuildRefused {
    return OrderExpansion.expand(List.of(group), known).stream()
        .map(members -> String.join(" ", members.stream().map(Member::id).toList()))
        .toList();
  }

  private static List<Member> group(String... ids) {
    return List.of(ids).stream().map(id -> new Member(id, false)).toList();
  }

  static Buildpack buildpack(String id, List<List<Member>> order) {
    return buildpack(id, true, order);
  }

  private static Buildpack buildpack(String id, boolean forProduction, List<List<Member>> order) {
    return new Buildpack(
        12,
        id,
        "1",
        forProduction,
        false,
        id,
        order,
        List.of(),
        List.of(),
        id,
        Buildpack.Origin.OURS);
  }
}

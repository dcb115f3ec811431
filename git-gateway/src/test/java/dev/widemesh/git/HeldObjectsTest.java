package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HeldObjectsTest {
  private static final int MB = 1_000_000;

  /// How many of 5 MB fit, beside each other.
  private static int fill(HeldObjects held, List<byte[]> kept) {
    while (kept.size() < 1_000) {
      var next = new byte[5 * MB];
      kept.add(next);
      if (!held.hasRoomFor(next)) {
        break;
      }
    }
    return kept.size();
  }

  @Test
  void what_was_let_go_of_takes_no_room() {
    try (var held = new HeldObjects()) {
      for (var i = 0; i < 400; i++) {
        assertThat(held.hasRoomFor(new byte[5 * MB])).isTrue();
      }
    }
  }

  @Test
  void what_is_held_is_bounded() {
    try (var held = new HeldObjects()) {
      assertThat(fill(held, new ArrayList<>())).isBetween(120 / 5, 200 / 5);
    }
  }

  @Test
  void a_few_of_the_largest_have_room() {
    try (var held = new HeldObjects()) {
      var kept = new ArrayList<byte[]>();
      for (var i = 0; i < 3; i++) {
        kept.add(new byte[150 * MB]);
        assertThat(held.hasRoomFor(kept.getLast())).isTrue();
      }
      assertThat(kept).hasSize(3);
    }
  }

  @Test
  void several_pushes_share_the_room_until_they_end() {
    var ofOne = new ArrayList<byte[]>();
    var ofTheOther = new ArrayList<byte[]>();
    try (var other = new HeldObjects()) {
      try (var one = new HeldObjects()) {
        var many = fill(one, ofOne);
        assertThat(fill(other, ofTheOther)).isLessThan(many / 2);
      }
      assertThat(other.hasRoomFor(new byte[5 * MB])).isTrue();
    }
    assertThat(ofOne).isNotEmpty();
  }

  @Test
  void a_small_push_has_room_beside_a_large_one() {
    try (var large = new HeldObjects();
        var small = new HeldObjects()) {
      var kept = new ArrayList<byte[]>();
      for (var i = 0; i < 3; i++) {
        kept.add(new byte[100 * MB]);
        assertThat(large.hasRoomFor(kept.getLast())).isTrue();
      }
      assertThat(small.hasRoomFor(new byte[1_000])).isTrue();
      assertThat(kept).hasSize(3);
    }
  }
}

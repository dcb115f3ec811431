package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Survey;
import dev.widemesh.api.Views.Finding;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ImageLooksTest {
  private static final String LACKS_BLOB = "the registry lacks blob";

  private final ImageLooks looks = new ImageLooks();

  private static Survey.Images looked(int count, String... damages) {
    return new Survey.Images(
        count,
        Stream.of(damages)
            .map(each -> new Survey.Damage(each.split(" ", 2)[0], each.split(" ", 2)[1]))
            .toList());
  }

  private List<String> findings() {
    return looks.findings().stream().map(Finding::what).sorted().toList();
  }

  @Test
  void what_a_look_had_no_time_for_is_asked_for_and_what_was_whole_is_not() {
    var images = List.of("a", "b", "c", "d");
    assertThat(looks.open(images)).isEqualTo(images);
    looks.answered(images, looked(2, "b blob"));

    assertThat(looks.unseen()).containsExactly("c", "d");
    assertThat(looks.looked()).isEqualTo(2);
    assertThat(findings()).containsExactly("only 2 of 4 images were looked at in time", LACKS_BLOB);

    looks.answered(looks.unseen(), looked(2));
    assertThat(looks.unseen()).isEmpty();
    assertThat(findings()).containsExactly(LACKS_BLOB);
    assertThat(looks.open(List.of("a", "b", "c", "d", "e"))).containsExactly("b", "e");
  }

  @Test
  void only_what_an_image_lacks_in_every_look_is_found() {
    looks.answered(looks.open(List.of("a", "b", "c")), looked(3, "a one", "a two", "b x", "c y"));
    assertThat(looks.open(List.of("a", "b"))).as("c is wanted no more").containsExactly("a", "b");
    looks.answered(List.of("a", "b"), looked(2, "a two", "a three"));

    assertThat(findings()).containsExactly("the registry lacks two");
    assertThat(looks.hasSuspects()).isTrue();
    assertThat(looks.looked()).isEqualTo(2);

    looks.answered(List.of("a"), looked(1, "a four"));
    assertThat(findings()).containsExactly("the registry lacks four");

    looks.answered(looks.open(List.of("a", "b")), looked(1));
    assertThat(findings()).isEmpty();
    assertThat(looks.hasSuspects()).isFalse();
  }

  @Test
  void nothing_is_said_of_images_where_nobody_answered_or_counts_wrongly() {
    var asked = looks.open(List.of("a", "b"));
    assertThat(findings()).isEmpty();

    looks.answered(asked, looked(-1));
    assertThat(looks.looked()).isZero();
    looks.answered(asked, looked(1_000));
    assertThat(looks.looked()).isEqualTo(2);
  }
}

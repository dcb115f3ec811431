package dev.widemesh.builder.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RemovalOrderTest {
  private static final int ALL = 60;

  /// Each names some of those after it, and one that stays.
  @Test
  void whoever_names_others_goes_before_them_however_they_are_listed() {
    for (var seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      var digests = digests(ALL + 1);
      var stays = digests.removeLast();
      var named = new LinkedHashMap<Digest, List<Digest>>();
      var listed = new ArrayList<>(digests);
      Collections.shuffle(listed, random);
      for (var digest : listed) {
        var after = digests.subList(digests.indexOf(digest) + 1, ALL);
        var parts = new ArrayList<>(after.stream().filter(_ -> random.nextInt(9) == 0).toList());
        parts.addAll(List.copyOf(parts));
        parts.add(stays);
        named.put(digest, parts);
      }

      var order = RemovalOrder.of(named);

      assertThat(order).containsExactlyInAnyOrderElementsOf(digests);
      named.forEach(
          (digest, parts) ->
              assertThat(parts)
                  .as("after " + digest)
                  .allMatch(
                      part -> part.equals(stays) || order.indexOf(part) > order.indexOf(digest)));
    }
  }

  private static List<Digest> digests(int count) {
    var digests = new ArrayList<Digest>();
    for (var i = 0; i < count; i++) {
      digests.add(Digest.of("sha256", new byte[] {(byte) i}));
    }
    return digests;
  }
}

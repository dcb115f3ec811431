package dev.widemesh.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// With the limits that everybody has.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PackClockTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final PackClock clock = new PackClock(PushLimits.DEFAULT.pace());

  @Test
  void the_largest_push_comes_through_a_line_of_256_kbit_that_stops_now_and_then() {
    var perSecond = 256_000 / 8;

    assertThatCode(
            () -> {
              for (var sent = 0L; sent < PushLimits.DEFAULT.pack(); sent += perSecond) {
                var stops = sent % (600L * perSecond) == 0;
                clock.came(perSecond, stops ? 60 * SECOND : SECOND);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void a_kilobyte_a_second_is_refused_after_two_minutes() {
    assertThat(secondsOf(1_000)).isBetween(120, 140);
    assertThatThrownBy(() -> clock.came(1, SECOND))
        .hasMessage("The push came too slowly, and others wait: less than 8,000 bytes a second");
  }

  @Test
  void nobody_saves_up_time_by_beginning_fast() throws PackRefused {
    clock.came(1_000_000_000, SECOND);

    assertThat(secondsOf(1_000)).isBetween(120, 140);
  }

  @Test
  void a_pack_that_keeps_the_pace_ends_after_a_day_all_the_same() {
    assertThat(secondsOf(8_000)).isEqualTo(24 * 3_600 + 1);
    assertThatThrownBy(() -> clock.came(1, SECOND))
        .hasMessage("The push took longer than 24 hours");
  }

  /// Till it is refused.
  private int secondsOf(int bytesPerSecond) {
    for (var second = 1; second < 100_000; second++) {
      try {
        clock.came(bytesPerSecond, SECOND);
      } catch (PackRefused _) {
        return second;
      }
    }
    throw new AssertionError("it was never refused");
  }
}

package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FreePortsTest {
  @Test
  void none_is_given_twice_and_none_is_one_of_an_outgoing_connection() throws IOException {
    var ports = FreePorts.besides(Set.of(7022));
    var given = new HashSet<Integer>();

    for (var i = 0; i < 500; i++) {
      assertThat(given.add(ports.next())).isTrue();
    }

    assertThat(given).allMatch(port -> port > 1024 && port < 32_768);
  }

  @Test
  void those_that_are_taken_or_that_somebody_listens_on_are_not_given() throws IOException {
    var free = FreePorts.between(9000, 9500).next();
    try (var _ = new ServerSocket(free, 1, InetAddress.getLoopbackAddress())) {
      assertThat(FreePorts.isFree(free)).isFalse();
      var ports = FreePorts.between(free, free + 1);
      assertThatThrownBy(ports::next)
          .hasMessage("no port from %d to %d is free".formatted(free, free));
    }
    assertThat(FreePorts.between(free, free + 1).next()).isEqualTo(free);

    var taken = new HashSet<Integer>();
    for (var port = 20_000; port < 32_768; port++) {
      taken.add(port);
    }
    assertThatThrownBy(FreePorts.besides(taken)::next).isInstanceOf(IOException.class);
  }
}

package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RuleListTest {
  private static final RuleList WRITTEN =
      RuleList.of(
          "IN",
          List.of(
              "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
              "-i wm-a -s 10.1.0.0/24 -d 10.1.0.1 -p udp --dport 53 -j ACCEPT",
              "-j REJECT"));
  private static final String PRINTED =
      """
      -N IN
      -A IN -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
      -A IN -s 10.1.0.0/24 -d 10.1.0.1/32 -i wm-a -p udp -m udp --dport 53 -j ACCEPT
      -A IN -j REJECT --reject-with icmp-port-unreachable
      """;

  @Test
  void equal_rules_are_equal_however_they_are_spelt() {
    var printed = RuleList.printed("IN", PRINTED);

    assertThat(WRITTEN.beyond(printed)).isEmpty();
    assertThat(printed.beyond(WRITTEN)).isEmpty();
  }

  @Test
  void a_rule_that_only_one_has_is_named() {
    var printed = RuleList.printed("IN", PRINTED.replace("--dport 53", "--dport 54"));

    assertThat(WRITTEN.beyond(printed))
        .containsExactly("IN -i wm-a -s 10.1.0.0/24 -d 10.1.0.1 -p udp --dport 53 -j ACCEPT");
    assertThat(printed.beyond(WRITTEN))
        .containsExactly(
            "IN -s 10.1.0.0/24 -d 10.1.0.1/32 -i wm-a -p udp -m udp --dport 54 -j ACCEPT");
  }

  @Test
  void another_order_is_another_list() {
    var turned =
        RuleList.of(
            "IN",
            List.of(
                WRITTEN.rules().get(2).text(),
                WRITTEN.rules().get(1).text(),
                WRITTEN.rules().get(0).text()));

    assertThat(WRITTEN.beyond(turned)).containsExactly("IN in this order");
  }
}

package dev.widemesh.rack;

import static dev.widemesh.rack.Samples.NOW;
import static dev.widemesh.rack.Samples.seen;
import static dev.widemesh.rack.Samples.wanting;
import static dev.widemesh.rack.Samples.web;
import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.InstanceSet;
import dev.widemesh.api.rack.RackReport.Instance;
import dev.widemesh.api.rack.RackReport.State;
import dev.widemesh.rack.Seen.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AccountTest {
  private static final InstanceSet WEB = web("v1");
  private static final Seen ENDED =
      seen(WEB, 1, new Phase.Ended(NOW.minusSeconds(60), NOW, 127, false));

  @TempDir private Path folder;
  private Ledger ledger;
  private final Memory memory = new Memory();
  private final List<String> lines = new ArrayList<>();
  private final Account account = new Account(_ -> List.copyOf(lines));

  @BeforeEach
  void open() throws IOException {
    ledger = new Ledger(Vault.open(folder), Samples.ENV);
  }

  private Instance look(Seen one, boolean followed, Instant now) {
    var wanted = wanting(List.of(WEB), List.of());
    var situation =
        new Situation(wanted, List.of(one), memory, ledger, RouterVotes.NONE, _ -> followed, now);
    return account.instances(situation, Map.of(), Map.of()).getFirst();
  }

  @Test
  @Tag("DEP-12")
  void it_crashed_once_its_last_words_were_heard_and_is_not_ready_until_then() {
    var running = seen(WEB, 1, new Phase.Running(NOW.minusSeconds(60), 1));
    memory.health(running.container(), new Memory.Health(NOW, true, true, NOW, ""));
    assertThat(look(running, false, NOW).state()).isEqualTo(State.READY);

    assertThat(look(ENDED, false, NOW).state()).isEqualTo(State.STARTING);

    lines.add("sh: 1: nodee: not found");
    var heard = look(ENDED, true, NOW.plusMillis(20));
    assertThat(heard.state()).isEqualTo(State.CRASHED);
    assertThat(heard.message()).isEqualTo("command not found: nodee");
    assertThat(heard.lastLines()).containsExactly("sh: 1: nodee: not found");
  }

  @Test
  void what_was_never_seen_alive_is_heard_out_too_and_not_for_ever() {
    assertThat(look(ENDED, false, NOW).state()).isEqualTo(State.STARTING);

    var late = NOW.plus(Situation.LAST_WORDS);
    assertThat(look(ENDED, false, late.minusMillis(1)).state()).isEqualTo(State.STARTING);
    assertThat(look(ENDED, false, late).state()).isEqualTo(State.CRASHED);
  }
}

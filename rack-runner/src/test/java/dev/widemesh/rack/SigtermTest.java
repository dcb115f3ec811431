package dev.widemesh.rack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SigtermTest {
  /// Stands for a container's init: it waits for its child, and tells how that ended. All that is
  /// in it is one process group.
  private static Process init(String shell) throws IOException {
    var process =
        new ProcessBuilder("setsid", "bash", "-c", "/bin/sh -c \"$0\"; echo ended $?", shell)
            .redirectErrorStream(true)
            .start();
    assertThat(process.inputReader().readLine()).isEqualTo("up");
    return process;
  }

  private static String told(Process init) throws IOException, InterruptedException {
    try {
      assertThat(Sigterm.send(init.pid())).isTrue();
      assertThat(init.waitFor(1, TimeUnit.SECONDS)).as("it ends within a second").isTrue();
    } finally {
      // The output ends only when nobody holds the pipe any more, and a shell that loops may have
      // begun another program before it was told to end.
      new ProcessBuilder("bash", "-c", "kill -KILL -- -$0", Long.toString(init.pid()))
          .start()
          .waitFor();
    }
    return String.join("\n", init.inputReader().lines().toList());
  }

  @Test
  @Tag("DEP-9")
  void a_shell_that_loops_over_programs_ends_with_the_one_it_waits_for() throws Exception {
    assertThat(told(init("while true; do (echo up; exec tail -f /dev/null); done")))
        .contains("ended 143");
  }

  @Test
  @Tag("DEP-9")
  void a_program_behind_a_shell_may_finish() throws Exception {
    var app =
        "bash -c 'trap \"echo bye; exit 7\" TERM; tail -f /dev/null & echo up; wait'; exit $?";

    assertThat(told(init(app))).contains("bye").contains("ended 7");
  }
}

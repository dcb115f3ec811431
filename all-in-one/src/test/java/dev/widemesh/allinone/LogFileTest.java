package dev.widemesh.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LogFileTest {
  @TempDir Path folder;

  /// A program that logs and answers, as every command does.
  static final class Answering {
    private Answering() {}

    public static void main(String[] args) {
      LoggerFactory.getLogger(Answering.class).warn("something to log");
      System.out.println("{}");
    }
  }

  @Test
  void a_process_logs_into_a_file_of_its_own() throws IOException {
    assertThat(answerLoggingInto(folder.resolve("control"))).isEqualTo("{}\n");
    assertThat(Files.readString(folder.resolve("control.log"))).contains("something to log");
  }

  @Test
  void a_log_that_cannot_be_written_is_not_in_the_answer() throws IOException {
    var file = Files.createFile(folder.resolve("no-folder"));

    assertThat(answerLoggingInto(file.resolve("control"))).isEqualTo("{}\n");
  }

  private String answerLoggingInto(Path log) {
    var argv =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dwidemesh.log=" + log,
            "-cp",
            System.getProperty("java.class.path"),
            Answering.class.getName());
    return Shell.run(folder, Map.of(), argv).ok().out();
  }

  @Test
  void when_it_is_full_three_older_ones_are_kept() {
    var context = new LoggerContext();
    var file = LogFile.file(context, folder.resolve("control").toString());

    assertThat(file.isStarted()).isTrue();
    assertThat(file.getFile()).isEqualTo(folder.resolve("control.log").toString());
    assertThat(file.getRollingPolicy())
        .isInstanceOfSatisfying(
            FixedWindowRollingPolicy.class,
            window -> {
              assertThat(window.isStarted()).isTrue();
              assertThat(window.getMinIndex()).isEqualTo(1);
              assertThat(window.getMaxIndex()).isEqualTo(3);
            });
    assertThat(file.getTriggeringPolicy().isStarted()).isTrue();
    for (var each = 0; each < 5; each++) {
      file.rollover();
    }
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "control.log", "control.1.log", "control.2.log", "control.3.log");
    context.stop();
  }
}

package dev.widemesh.cli;

import dev.widemesh.model.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/// The command `mesh`.
public final class Mesh {
  private Mesh() {}

  public static void main(String[] args) {
    var session =
        new Session(
            Terminal.ofProcess(System.getenv()), System.getenv(), Path.of("").toAbsolutePath());
    System.exit(run(session, List.of(args)).value());
  }

  static ExitCode run(Session session, List<String> args) {
    try {
      return perform(session, args);
    } catch (Exception e) {
      return Complaint.about(e).print(session, e);
    } finally {
      session.terminal().out().flush();
      session.terminal().err().flush();
    }
  }

  private static ExitCode perform(Session session, List<String> args) throws IOException {
    if (!args.isEmpty() && List.of("--version", "-V", "version").contains(args.getFirst())) {
      session.terminal().say("mesh " + version());
      return ExitCode.OK;
    }
    var line = CommandLineWords.of(args);
    var verb = line.verb();
    if (verb.isPresent()) {
      return Invocation.run(session, verb.get(), line.rest());
    }
    if (!line.asksForHelp() || line.stranger().isPresent()) {
      throw unknown(line);
    }
    Help.group(session.terminal(), line.words());
    return ExitCode.OK;
  }

  private static Refusal unknown(CommandLineWords line) {
    var prefix = "mesh" + (line.words().isEmpty() ? "" : " " + String.join(" ", line.words()));
    var word = line.stranger().orElse(line.rest().getFirst());
    var nearest = Nearest.to(word, Words.after(line.words()));
    return Refusal.usage(
        "there is no command '%s %s'".formatted(prefix, word),
        nearest.map(right -> prefix + " " + right).orElse(prefix + " --help"));
  }

  private static String version() {
    try (InputStream text = Mesh.class.getResourceAsStream("version.txt")) {
      return text == null
          ? "unknown"
          : new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.widemesh.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.widemesh.api.ApiException;
import dev.widemesh.model.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The one place where failures become words and exit codes.
record Complaint(ExitCode code, String message, String nextStep) {
  static Complaint about(Exception failure) {
    return switch (failure) {
      case Refusal refusal -> new Complaint(refusal.code(), refusal.message(), refusal.nextStep());
      case ApiException refused -> about(refused);
      case ParameterException wrong -> about(wrong);
      case UncheckedIOException wrapped
          when wrapped.getCause() instanceof FileSystemException file ->
          about(file);
      case FileSystemException file -> about(file);
      case IOException _, UncheckedIOException _ ->
          new Complaint(ExitCode.UNREACHABLE, "the connection broke: " + failure, "run it again");
      case IllegalArgumentException odd when odd.getCause() instanceof JsonProcessingException ->
          new Complaint(
              ExitCode.BROKEN,
              "the answer is " + odd.getMessage(),
              "look whether this is the address of a controller: mesh login --api URL");
      default ->
          new Complaint(ExitCode.BUG, "this is a bug: " + failure, "report it, with MESH_DEBUG=1");
    };
  }

  private static Complaint about(ApiException refused) {
    var status = refused.status();
    var next = refused.problem().nextStep();
    var code = code(status);
    return new Complaint(code, refused.problem().message(), next == null ? usual(code) : next);
  }

  private static ExitCode code(int status) {
    return switch (status) {
      case 0 -> ExitCode.UNREACHABLE;
      case 401 -> ExitCode.SIGNED_OUT;
      case 404 -> ExitCode.NOT_FOUND;
      default -> status >= 500 ? ExitCode.BROKEN : ExitCode.REFUSED;
    };
  }

  private static String usual(ExitCode code) {
    return switch (code) {
      case UNREACHABLE, BROKEN -> "look at ./widemesh status, then run it again";
      case SIGNED_OUT -> "mesh login";
      case NOT_FOUND -> "look for the right name with mesh env ls or mesh stack ls";
      case OK,
          BUG,
          FOUND,
          USAGE,
          REFUSED,
          BUILD_FAILED,
          ROLLOUT_FAILED,
          CANCELLED,
          SUPERSEDED,
          LOCAL,
          INCOMPLETE ->
          "correct the command; --help explains it";
    };
  }

  private static Complaint about(ParameterException wrong) {
    var parser = wrong.getCommandLine();
    var message = String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong usage");
    var words =
        message.isEmpty()
            ? message
            : Character.toLowerCase(message.charAt(0)) + message.substring(1);
    return new Complaint(
        ExitCode.USAGE, words, nearest(wrong, parser.getCommandName() + " --help"));
  }

  private static String nearest(ParameterException wrong, String otherwise) {
    if (!(wrong instanceof UnmatchedArgumentException unmatched)) {
      return otherwise;
    }
    var spec = wrong.getCommandLine().getCommandSpec();
    var stranger = unmatched.getUnmatched().getFirst();
    return Nearest.to(stranger, spec.optionsMap().keySet())
        .map(option -> wrong.getCommandLine().getCommandName() + " " + option)
        .orElse(otherwise);
  }

  private static Complaint about(FileSystemException broken) {
    var file = String.valueOf(broken.getFile());
    return switch (broken) {
      case NoSuchFileException _ ->
          new Complaint(
              ExitCode.LOCAL,
              "there is no file " + file,
              file.endsWith(".pub")
                  ? "give the path of a public key; ssh-keygen -t ed25519 makes one"
                  : "give the path of a file that exists");
      case AccessDeniedException _ ->
          new Complaint(
              ExitCode.LOCAL,
              "may not read or write " + file,
              "look at its owner and mode with ls -l");
      default ->
          new Complaint(
              ExitCode.LOCAL,
              "cannot use " + file + ": " + broken.getReason(),
              "look at it with ls -l");
    };
  }

  ExitCode print(Session session, Exception failure) {
    var terminal = session.terminal();
    terminal.out().flush();
    terminal.err().println(terminal.paint(Colour.RED, "mesh: ") + terminal.tame(message));
    terminal.err().println("  try: " + terminal.tame(nextStep));
    if (code == ExitCode.BUG || session.variable("MESH_DEBUG").isPresent()) {
      failure.printStackTrace(terminal.err());
    }
    return code;
  }
}

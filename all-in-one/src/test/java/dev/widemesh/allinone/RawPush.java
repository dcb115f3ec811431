package dev.widemesh.allinone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A client that speaks git's protocol over ssh by hand, and so may break it.
record RawPush(App app) {
  private static final String NOTHING = "0".repeat(40);
  private static final int PIECE = 65_536;

  /// What the server answered until the connection ended, and how many bytes were sent until then.
  record Exchange(String answer, long sent) {}

  /// One command, then this.
  String branch(byte[] pack) {
    return send(join(commands(List.of("refs/heads/hostile")), pack));
  }

  /// Makes these refs, of a commit that the server has.
  byte[] commands(List<String> refs) {
    var out = new ByteArrayOutputStream();
    var head = app.head();
    for (var i = 0; i < refs.size(); i++) {
      var capabilities = i == 0 ? "\0report-status side-band-64k ofs-delta" : "";
      out.writeBytes(line(NOTHING + " " + head + " " + refs.get(i) + capabilities));
    }
    out.writeBytes("0000".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  static byte[] line(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var length = "%04x".formatted(bytes.length + 4).getBytes(StandardCharsets.US_ASCII);
    return join(length, bytes);
  }

  static byte[] join(byte[] one, byte[] other) {
    var both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  /// All that the server answers until the connection ends.
  String send(byte[] bytes) {
    return send("git-receive-pack", bytes);
  }

  String send(String command, byte[] bytes) {
    return exchange(command, bytes).answer();
  }

  Exchange exchange(String command, byte[] bytes) {
    try {
      var process = start(command);
      var answer = Shell.inBackground(() -> text(process));
      var sent = CompletableFuture.supplyAsync(() -> write(process, bytes), RawPush::run);
      if (!process.waitFor(2, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError("no end after two minutes: " + answer.join());
      }
      return new Exchange(answer.join(), sent.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void run(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  /// The server may hang up before it has read everything.
  private static long write(Process process, byte[] bytes) {
    var written = 0;
    try (var in = process.getOutputStream()) {
      while (written < bytes.length) {
        var piece = Math.min(PIECE, bytes.length - written);
        in.write(bytes, written, piece);
        in.flush();
        written += piece;
      }
    } catch (IOException _) {
      // its answer says why
    }
    return written;
  }

  Process start(String command) throws IOException {
    var path = "%s '%s/%s.git'".formatted(command, app.environment, app.stack);
    return Shell.startJoined(app.platform.folder, ssh(List.of(), path));
  }

  /// Plain ssh with these options and command.
  Shell.Result ssh(List<String> options) {
    return Shell.run(app.platform.folder, Map.of(), ssh(options, ""));
  }

  List<String> ssh(List<String> options, String command) {
    var argv = new ArrayList<>(List.of(app.platform.sshWith("id").split(" ")));
    argv.addAll(options);
    argv.addAll(List.of("-p", "" + app.platform.ssh, "git@localhost"));
    if (!command.isEmpty()) {
      argv.add(command);
    }
    return argv;
  }

  private static String text(Process process) {
    try (var out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

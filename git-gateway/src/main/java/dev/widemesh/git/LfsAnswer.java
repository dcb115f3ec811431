package dev.widemesh.git;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.util.io.InterruptTimer;
import org.eclipse.jgit.util.io.TimeoutOutputStream;

/// `git-lfs-transfer`, version 1: git-lfs asks which files are here, and sends or gets the others,
/// over the SSH connection that it has anyway. Locks are not kept.
record LfsAnswer(
    LfsStore store,
    LfsTurns turns,
    PushLimits limits,
    String account,
    LfsRight right,
    boolean upload)
    implements Answer {
  private static final int PIECE = 32_768;
  private static final int MOST_SKIPPED = 1_000_000;
  private static final int OK = 200;
  private static final int BAD = 400;
  private static final int FORBIDDEN = 403;
  private static final int LACKING = 404;
  private static final int NOT_ALLOWED = 405;
  private static final int REFUSED = 422;
  // git-lfs tries again later.
  private static final int BUSY = 429;
  private static final int UNKNOWN = 501;
  private static final String BUSY_WORDS = "too many files are under way: try again later";

  @Override
  public int give(Conversation conversation) throws IOException, InterruptedException, Refused {
    var timer = new InterruptTimer("lfs-timer");
    var in = LfsInput.of(conversation.in(), timer, limits);
    var waiting = new TimeoutOutputStream(conversation.out(), timer);
    waiting.setTimeout(Math.toIntExact(limits.silence().toMillis()));
    try {
      var out = new PacketLineOut(waiting);
      out.writeString("version=1\n");
      out.end();
      out.flush();
      talk(conversation, in, out);
      return 0;
    } catch (EOFException _) {
      return 0;
    } finally {
      timer.terminate();
    }
  }

  private void talk(Conversation conversation, LfsInput requests, PacketLineOut out)
      throws IOException, InterruptedException {
    var in = new Packets(requests);
    while (awaitRequest(conversation, requests) && in.next() == Packets.Kind.DATA) {
      var words = in.line().split(" ", 2);
      var argument = words.length == 2 ? words[1] : "";
      var arguments = in.lines();
      if (!isStillAllowed(out)) {
        return;
      }
      switch (words[0]) {
        case "version" -> status(out, argument.equals("1") ? OK : BAD);
        case "batch" -> batch(in, arguments, out);
        case "put-object" -> {
          if (!put(conversation, in, argument, arguments, out)) {
            return;
          }
        }
        case "verify-object" -> verify(argument, arguments, out);
        case "get-object" -> get(conversation, argument, out);
        case "quit" -> {
          status(out, OK);
          return;
        }
        default -> {
          skip(in, arguments);
          refuse(out, UNKNOWN, "this is not done here");
        }
      }
    }
  }

  private boolean awaitRequest(Conversation conversation, LfsInput requests) throws IOException {
    return requests.awaitRequest(since -> isOver(conversation, since));
  }

  /// [Pulse] notices who has gone.
  private boolean isOver(Conversation conversation, long since) {
    return conversation.isOver() || conversation.stopping().get() || turns.isIdle(account, since);
  }

  private boolean isStillAllowed(PacketLineOut out) throws IOException {
    try {
      right.require();
      return true;
    } catch (Refused e) {
      refuse(out, FORBIDDEN, oneLine(e));
      return false;
    }
  }

  private static void skip(Packets in, Packets.Lines arguments) throws IOException {
    if (arguments.until() == Packets.Kind.DELIMITER) {
      Packets.drain(in.content(), MOST_SKIPPED);
    }
  }

  private void batch(Packets in, Packets.Lines arguments, PacketLineOut out) throws IOException {
    var asked =
        arguments.until() == Packets.Kind.DELIMITER ? in.lines().lines() : List.<String>of();
    try {
      var answers = upload ? toSend(asked) : toGet(asked);
      out.writeString("status 200\n");
      out.writeDelim();
      for (var answer : answers) {
        out.writeString(answer);
      }
      out.end();
    } catch (Refused e) {
      refuse(out, REFUSED, oneLine(e));
    }
  }

  private List<String> toSend(List<String> asked) throws IOException, Refused {
    var answers = new ArrayList<String>();
    var lacking = new ArrayList<LfsPointer>();
    for (var line : asked) {
      var pointer = require(line);
      store.requireModest(pointer);
      var here = store.has(pointer);
      if (!here) {
        lacking.add(pointer);
      }
      answers.add(answer(pointer, here ? "noop" : "upload"));
    }
    if (!lacking.isEmpty()) {
      store.requireRoom(lacking);
    }
    return answers;
  }

  /// Asked for all the same, what is not here is told to be lacking.
  private static List<String> toGet(List<String> asked) throws Refused {
    var answers = new ArrayList<String>();
    for (var line : asked) {
      answers.add(answer(require(line), "download"));
    }
    return answers;
  }

  private static String answer(LfsPointer pointer, String action) {
    return "%s %d %s\n".formatted(pointer.oid(), pointer.size(), action);
  }

  private static LfsPointer require(String line) throws Refused {
    return pointer(line).orElseThrow(() -> new Refused("'%s' is no file".formatted(line), ""));
  }

  private static Optional<LfsPointer> pointer(String line) {
    var words = line.split(" ", -1);
    return words.length >= 2 ? pointer(words[0], words[1]) : Optional.empty();
  }

  private static Optional<LfsPointer> pointer(String oid, String size) {
    return LfsStore.isOid(oid) && size.matches("\\d{1,18}")
        ? Optional.of(new LfsPointer(oid, Long.parseLong(size)))
        : Optional.empty();
  }

  private static Optional<LfsPointer> pointer(String oid, Packets.Lines arguments) {
    return arguments.lines().stream()
        .filter(line -> line.startsWith("size="))
        .findFirst()
        .flatMap(line -> pointer(oid, line.substring("size=".length())));
  }

  /// False where nothing more is read.
  private boolean put(
      Conversation conversation, Packets in, String oid, Packets.Lines arguments, PacketLineOut out)
      throws IOException, InterruptedException {
    var pointer = pointer(oid, arguments);
    if (pointer.isEmpty() || arguments.until() != Packets.Kind.DELIMITER) {
      skip(in, arguments);
      refuse(out, BAD, "no hash and size of a file");
      return true;
    }
    if (!upload) {
      skip(in, arguments);
      refuse(out, NOT_ALLOWED, "this is a download");
      return true;
    }
    return take(conversation, pointer.get(), in.content(), out);
  }

  private boolean take(
      Conversation conversation, LfsPointer pointer, InputStream content, PacketLineOut out)
      throws IOException, InterruptedException {
    var files = new LfsUpload(store, limits);
    var turn = turns.take(account, conversation);
    if (turn.isEmpty()) {
      if (conversation.stopping().get()) {
        return false; // to read it to its end could take as long as to keep it
      }
      files.leave(pointer, content);
      refuse(out, BUSY, BUSY_WORDS);
      return true;
    }
    try (var _ = turn.get()) {
      files.take(pointer, content);
      status(out, OK);
    } catch (Refused e) {
      refuse(out, REFUSED, oneLine(e));
    }
    return true;
  }

  private static String oneLine(Refused refusal) {
    return refusal.text().replace('\n', ' ');
  }

  private void verify(String oid, Packets.Lines arguments, PacketLineOut out) throws IOException {
    var pointer = pointer(oid, arguments);
    if (pointer.isPresent() && store.find(pointer.get()).isPresent()) {
      status(out, OK);
    } else {
      refuse(out, LACKING, "this file is not here");
    }
  }

  private void get(Conversation conversation, String oid, PacketLineOut out)
      throws IOException, InterruptedException {
    var file = LfsStore.isOid(oid) ? store.find(oid) : Optional.<Path>empty();
    if (file.isEmpty()) {
      refuse(out, LACKING, "this file is not here: git lfs push --all widemesh sends it");
      return;
    }
    var turn = turns.take(account, conversation);
    if (turn.isEmpty()) {
      refuse(out, BUSY, BUSY_WORDS);
      return;
    }
    try (var _ = turn.get();
        var content = Files.newInputStream(file.get())) {
      out.writeString("status 200\n");
      out.writeString("size=%d\n".formatted(Files.size(file.get())));
      out.writeDelim();
      send(content, out);
      out.end();
      out.flush();
    }
  }

  /// The client must take it as fast as it would have to send it.
  private void send(InputStream content, PacketLineOut out) throws IOException {
    var clock = new PackClock(limits.pace());
    var piece = new byte[PIECE];
    for (var got = content.read(piece); got >= 0; got = content.read(piece)) {
      var began = System.nanoTime();
      out.writePacket(Arrays.copyOf(piece, got));
      clock.came(got, System.nanoTime() - began);
    }
  }

  private static void status(PacketLineOut out, int status) throws IOException {
    out.writeString("status %d\n".formatted(status));
    out.end();
    out.flush();
  }

  private static void refuse(PacketLineOut out, int status, String words) throws IOException {
    out.writeString("status %d\n".formatted(status));
    out.writeDelim();
    out.writeString(words + "\n");
    out.end();
    out.flush();
  }
}

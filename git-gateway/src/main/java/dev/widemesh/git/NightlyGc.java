package dev.widemesh.git;

import java.io.IOException;
import java.text.ParseException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.storage.file.GC;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Packs repositories and drops what no ref names, once a night, one at a time.
final class NightlyGc implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NightlyGc.class);
  private static final LocalTime AT = LocalTime.of(3, 30);

  /// What a running push or a ref about to come back may still need.
  static final Duration GRACE = Duration.ofHours(1);

  private final Repositories repositories;
  private final Thread thread;

  private NightlyGc(Repositories repositories) {
    this.repositories = repositories;
    this.thread = Thread.ofVirtual().name("nightly-gc").unstarted(this::loop);
  }

  static NightlyGc start(Repositories repositories) {
    var gc = new NightlyGc(repositories);
    gc.thread.start();
    return gc;
  }

  private void loop() {
    try {
      while (true) {
        Thread.sleep(untilNext(ZonedDateTime.now(ZoneId.systemDefault())));
        collectAll();
      }
    } catch (InterruptedException _) {
      log.debug("no longer collecting garbage");
    }
  }

  static Duration untilNext(ZonedDateTime now) {
    var today = now.with(AT);
    return Duration.between(now, today.isAfter(now) ? today : today.plusDays(1));
  }

  private void collectAll() throws InterruptedException {
    try {
      for (var stack : repositories.stacks()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("stopped between two repositories");
        }
        repositories.find(stack).ifPresent(repository -> attempt(repository, GRACE));
      }
    } catch (IOException e) {
      log.warn("cannot list the repositories", e);
    }
  }

  private static void attempt(StackRepository repository, Duration grace) {
    try {
      collect(repository, grace);
    } catch (IOException | RuntimeException e) {
      log.warn("{} keeps its garbage for another night", repository.folder(), e);
    }
  }

  static void collect(StackRepository repository, Duration grace) throws IOException {
    var _ = repository.change(real -> collect(real, repository.lfs(), grace));
  }

  private static boolean collect(FileRepository real, LfsRoom lfs, Duration grace)
      throws IOException {
    try {
      var gc = new GC(real);
      gc.setExpireAgeMillis(grace.toMillis());
      gc.setPackExpireAgeMillis(grace.toMillis());
      var packed = !gc.gc().join().isEmpty();
      LfsGarbage.collect(real, lfs, LfsGarbage.GRACE);
      return packed;
    } catch (ParseException e) {
      throw new IOException("the configuration of the repository is damaged", e);
    } catch (GitAPIException e) {
      throw new IOException("cannot collect garbage", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

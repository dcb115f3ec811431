package dev.widemesh.builder.supply;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.Sources;
import dev.widemesh.builder.debian.Trust;
import dev.widemesh.builder.dockerfile.NameLookup;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.BuildpackReference;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

/// Gets the buildpacks and submodules of others, and keeps what it got. What is asked for anew each
/// time is only whether something changed.
public final class Supply {
  static final long MOST_UNPACKED = 1_000_000_000;
  static final int MOST_FILES = 50_000;
  private static final long MOST_OF_ONE = 2_000_000_000;
  private static final long MOST_SENT = 500_000_000;
  private static final Duration WHOLE = Duration.ofMinutes(4);
  private static final long SHELF = 3_000_000_000L;
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /// `own` is where the platform's own registry listens (`host:port`), `opened` are hosts that the
  /// operator opened although they are not on the public internet.
  public record Config(
      Path folder,
      String own,
      Set<String> opened,
      Map<String, String> proxies,
      Optional<Path> caBundle) {
    public Config {
      opened = Set.copyOf(opened);
      proxies = Map.copyOf(proxies);
    }
  }

  private final Config config;
  private final Sources sources;
  private final Hosts hosts;
  private final List<X509TrustManager> trust;
  private final SSLContext tls;
  private final Shelf shelf;

  private Supply(
      Config config, Sources sources, List<X509TrustManager> trust, SSLContext tls, Shelf shelf) {
    this.config = config;
    this.sources = sources;
    this.hosts = Hosts.of(config.opened(), NameLookup.SYSTEM, Cargo.BUILDPACK);
    this.trust = trust;
    this.tls = tls;
    this.shelf = shelf;
  }

  public static Supply open(Config config, Sources sources) throws IOException {
    var trust = Trust.of(config.caBundle());
    return new Supply(
        config,
        sources,
        trust,
        tls(trust),
        Shelf.open(config.folder(), SHELF, InstantSource.system()));
  }

  private static SSLContext tls(List<X509TrustManager> trust) throws IOException {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.toArray(X509TrustManager[]::new), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK cannot speak TLS", e);
    }
  }

  /// What came for one build. It stays until this is closed.
  public final class Deliveries implements AutoCloseable {
    private final Cargo cargo;
    private final String stack;
    private final List<RegistryLogin> logins;
    private final List<Shelf.Note> taken = new ArrayList<>();
    private final List<Gate> gates = new CopyOnWriteArrayList<>();
    private volatile boolean stopped;
    private final long end = System.nanoTime() + WHOLE.toNanos();

    private Deliveries(Cargo cargo, String stack, List<RegistryLogin> logins) {
      this.cargo = cargo;
      this.stack = stack;
      this.logins = List.copyOf(logins);
    }

    /// Nothing where the reference is to what is here anyway.
    public Optional<Delivery> get(BuildpackReference reference)
        throws IOException, InterruptedException, BuildRefused {
      return through(
          (gate, scratch) -> {
            try (var web = new Web(gate, tls)) {
              var source = source(reference, gate, web, scratch);
              return source.isEmpty() ? Optional.empty() : Optional.of(get(source.get()));
            }
          });
    }

    /// The tree of that commit, whole: `nested` puts what it names into its own empty folders. What
    /// has no `room` is not fetched to its end; what is here is delivered, however large it is.
    Delivery get(SubmoduleAddress address, String commit, Room room, Nested nested)
        throws IOException, InterruptedException, BuildRefused {
      return through(
          (gate, scratch) -> {
            var remote = remote(address.repository(), Sources.Use.SUBMODULE, gate, scratch);
            return get(new SubmoduleSource(stack, commit, sources, remote, gate, room, nested));
          });
    }

    private <T> T through(Passage<T> passage)
        throws IOException, InterruptedException, BuildRefused {
      var scratch = shelf.draft();
      var bounds = new Gate.Bounds(MOST_SENT, left());
      try (var gate = Gate.open(hosts.of(cargo), config.proxies(), bounds)) {
        gates.add(gate);
        if (stopped) {
          gate.stop();
        }
        return passage.through(gate, scratch);
      } finally {
        shelf.drop(scratch);
      }
    }

    private Sources.Remote remote(URI repository, Sources.Use use, Gate gate, Path scratch) {
      return new Sources.Remote(repository, use, gate.proxy(), trust, SILENCE, scratch);
    }

    /// A tenth of a second at least: what is late fails by itself.
    private Duration left() {
      return Duration.ofNanos(Math.max(100_000_000, end - System.nanoTime()));
    }

    private Optional<Source> source(BuildpackReference reference, Gate gate, Web web, Path scratch)
        throws BuildRefused {
      return switch (reference) {
        case BuildpackReference.Named _, BuildpackReference.Folder _ -> Optional.empty();
        case BuildpackReference.Archive archive -> Optional.of(new ArchiveSource(archive, web));
        case BuildpackReference.Git git -> {
          var remote = remote(git.repository(), Sources.Use.BUILDPACK, gate, scratch);
          yield Optional.of(new GitSource(git, sources, remote, gate));
        }
        case BuildpackReference.Image image -> {
          var name = ImageName.parse(image.name());
          requireForeign(name);
          yield Optional.of(
              new ImageSource(stack, name, new RegistryReader(web, name, logins), web));
        }
      };
    }

    /// Whatever else is opened: what lies there are images of apps, each its stack's alone.
    private void requireForeign(ImageName name) throws BuildRefused {
      var own = config.own();
      var alias = "localhost" + own.substring(own.lastIndexOf(':'));
      var host = name.host().value();
      if (host.equals(own) || host.equals(alias)) {
        throw BuildRefused.because(
            "%s is the platform's own registry: it holds images of apps, and no buildpacks"
                .formatted(host),
            "name the buildpack where it came from: another registry, https://....git#v1,"
                + " https://....tgz or ./folder");
      }
    }

    private Delivery get(Source source) throws IOException, InterruptedException, BuildRefused {
      var known = shelf.take(source.key());
      known.ifPresent(taken::add);
      var draft = shelf.draft();
      try {
        var arrival = source.fetch(known, draft);
        if (arrival.isEmpty()) {
          requireModest();
          return delivery(source, known.orElseThrow(), false);
        }
        var note = shelf.keep(source.key(), arrival.get(), draft);
        taken.add(note);
        requireModest();
        return delivery(source, note, true);
      } finally {
        shelf.drop(draft);
      }
    }

    private void requireModest() throws BuildRefused {
      if (taken.stream().mapToLong(Shelf.Note::bytes).sum() > MOST_OF_ONE) {
        throw BuildRefused.because(
            "the %s of this stack have more than %d MB together"
                .formatted(cargo.many(), MOST_OF_ONE / 1_000_000),
            cargo.saving());
      }
    }

    private Delivery delivery(Source source, Shelf.Note note, boolean fresh) {
      var commit = source.commit(note.mark());
      return new Delivery(
          note.digest(), commit, shelf.tree(note), note.main(), fresh, note.whole());
    }

    /// Before its end, for those who use one while the others are fetched: it may go then.
    void giveBack(Delivery delivery) {
      taken.stream()
          .filter(note -> note.digest().equals(delivery.digest()))
          .findFirst()
          .ifPresent(
              note -> {
                taken.remove(note);
                shelf.giveBack(note);
              });
    }

    /// Whether there is time left, and nobody stopped it.
    boolean goesOn() {
      return !stopped && end - System.nanoTime() > 0;
    }

    /// Why it does not go on.
    BuildRefused ended() {
      return stopped
          ? Gate.stopped()
          : BuildRefused.because(
              "fetching %s took longer than %d s".formatted(cargo.many(), WHOLE.toSeconds()),
              "push again later, or " + cargo.saving());
    }

    /// Ends what is under way, from any thread.
    public void stop() {
      stopped = true;
      gates.forEach(Gate::stop);
    }

    @Override
    public void close() {
      taken.forEach(shelf::giveBack);
      taken.clear();
    }
  }

  /// The tree of one reference. `commit` is the one that it is of in a git repository, nothing
  /// elsewhere. `main` is the buildpack of it that is meant (`id@version`), nothing where that is
  /// plain; `fresh` where it was fetched just now; `whole` is what it holds.
  public record Delivery(
      String digest, String commit, Path tree, String main, boolean fresh, Extent whole) {}

  private interface Passage<T> {
    T through(Gate gate, Path scratch) throws IOException, InterruptedException, BuildRefused;
  }

  /// Of buildpacks; `logins` open registries to that stack.
  public Deliveries begin(String stack, List<RegistryLogin> logins) {
    return new Deliveries(Cargo.BUILDPACK, stack, logins);
  }

  /// Of what the commits of that stack name.
  public Deliveries beginSubmodules(String stack) {
    return new Deliveries(Cargo.SUBMODULE, stack, List.of());
  }
}

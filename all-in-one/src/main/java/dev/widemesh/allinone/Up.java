package dev.widemesh.allinone;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description =
        "Start the platform. Only this machine reaches it unless --listen says otherwise.")
final class Up implements Callable<Integer> {
  @Mixin private DataOption dataOption = new DataOption();

  @Option(names = "--detach", description = "Return once it is ready; it goes on running.")
  private boolean detach;

  @Option(names = "--listen", paramLabel = "ADDR", description = "For http, https, ssh.")
  private @Nullable String listen;

  @Option(names = "--http", paramLabel = "PORT", description = "At first 7080.")
  private @Nullable Integer http;

  @Option(names = "--https", paramLabel = "PORT", description = "At first 7443.")
  private @Nullable Integer https;

  @Option(names = "--ssh", paramLabel = "PORT", description = "At first 7022.")
  private @Nullable Integer ssh;

  @Option(names = "--api", paramLabel = "PORT", description = "At first 7070; loopback only.")
  private @Nullable Integer api;

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      description = "Environments answer at <environment>.NAME; at first widemesh.localhost.")
  private @Nullable String domain;

  @Option(names = "--check", hidden = true, description = "Only refuse what would be refused.")
  private boolean check;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var data = dataOption.folder();
    Preflight.root("up");
    Preflight.folder(data);
    Restoration.refuseHalfDone(data);
    var settings = Settings.ofThisProcess();
    settings.check();
    var named = domain(settings);
    if (Supervisor.pidFile(data).process().isPresent()) {
      throw Supervisor.alreadyUp(data);
    }
    Preflight.disk(data.root());
    Preflight.docker();
    OperatorDatabase.named().ifPresent(OperatorDatabase::check);
    var wanted = wanted(data, named.orElse(null));
    if (check) {
      return 0;
    }
    var platform = settle(data, wanted);
    if (detach) {
      return startDetached(data);
    }
    run(data, platform);
    return 0;
  }

  private Optional<Domain> domain(Settings settings) {
    return domain == null ? settings.domain() : Optional.of(Domain.parse("--domain", domain));
  }

  private Platform wanted(DataFolder data, @Nullable Domain named) throws IOException {
    var before = data.exists() ? Platform.read(data) : Platform.fresh();
    var wanted = before.with(new Platform.Wishes(listen, http, https, ssh, api, named));
    if (leftRunning(data).isEmpty()) {
      Preflight.ports(wanted);
    } else if (!wanted.equals(before)) {
      throw new Refused(
          "an earlier supervisor died and left processes running with other settings",
          "./widemesh down --data %s first".formatted(data.root()));
    }
    return wanted;
  }

  private static Platform settle(DataFolder data, Platform wanted) throws IOException {
    data.make();
    DataOption.logInto(data);
    new FormerKey(data).keep();
    new Secrets(data.secrets()).make();
    var free = FreePorts.besides(wanted.ports());
    var platform =
        wanted.withPrivatePorts(
            keptPort(data, wanted, wanted.registry(), free),
            keptPort(data, wanted, wanted.postgres(), free));
    platform.write(data);
    return platform;
  }

  /// A private port is kept while nobody else took it, and adopted processes keep theirs.
  private static int keptPort(DataFolder data, Platform wanted, int port, FreePorts free)
      throws IOException {
    var usable = !wanted.publicPorts().contains(port) && FreePorts.isFree(port);
    var keep = port != 0 && (usable || !leftRunning(data).isEmpty());
    return keep ? port : free.next();
  }

  static List<ProcessHandle> leftRunning(DataFolder data) throws IOException {
    var running = new ArrayList<ProcessHandle>();
    for (var part : List.of("postgres", "control", "rack-runner", "router")) {
      PidFile.of(part, data).process().ifPresent(running::add);
    }
    return running;
  }

  private static void run(DataFolder data, Platform platform)
      throws IOException, InterruptedException {
    var supervisor = Supervisor.start(data, platform);
    var stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(supervisor, stopped), "stop"));
    writeLogin(data, platform);
    show(data.ca(), Files.readString(data.control().resolve("ca/ca.pem")));
    show(data.signedBy(), new Secrets(data.secrets()).signing().verifying().pem());
    AtomicFile.write(ready(data), ProcessHandle.current().pid() + "\n");
    System.out.println(greeting(data, platform));
    HeapTrim.begin();
    stopped.await();
  }

  private static void stop(Supervisor supervisor, CountDownLatch stopped) {
    try {
      supervisor.stop();
    } catch (IOException e) {
      System.err.println("widemesh: not everything stopped: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      stopped.countDown();
    }
  }

  private static int startDetached(DataFolder data) throws IOException, InterruptedException {
    var argv = new ArrayList<String>(List.of("setsid"));
    argv.addAll(
        JavaProcess.supervisor(data, List.of("-XX:TieredStopAtLevel=1", "-Xms4m", "-Xmx48m")));
    var output = data.logs().resolve("supervisor.out");
    Files.deleteIfExists(ready(data));
    var process =
        new ProcessBuilder(argv)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .start();
    while (!Files.exists(ready(data))) {
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        System.err.print(Files.readString(output)); // it said what is wrong and what to do
        return 1;
      }
    }
    System.out.println(greeting(data, Platform.read(data)));
    return 0;
  }

  private static Path ready(DataFolder data) {
    return data.run().resolve("ready");
  }

  private static void writeLogin(DataFolder data, Platform platform) throws IOException {
    var login =
        Json.write(
            Map.of(
                "api", platform.controller().toString(),
                "token", new Secrets(data.secrets()).admin()));
    AtomicFile.write(data.login(), login + "\n");
    if (isMine(data, platform)) {
      Files.createDirectories(userLogin().getParent());
      AtomicFile.write(userLogin(), login + "\n");
    }
  }

  private static void show(Path file, String text) throws IOException {
    AtomicFile.write(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /// A second platform beside the first does not take over the person's login.
  private static boolean isMine(DataFolder data, Platform platform) throws IOException {
    return data.root().equals(DataFolder.usual())
        || !Files.exists(userLogin())
        || Files.readString(userLogin()).contains(platform.controller() + "\"");
  }

  /// A login for what is no more would only confuse `mesh`, and the next platform's `up`.
  static void forgetLogin(DataFolder data) throws IOException {
    var token = new Secrets(data.secrets()).admin();
    if (Files.exists(userLogin()) && Files.readString(userLogin()).contains(token)) {
      Files.delete(userLogin());
    }
  }

  private static Path userLogin() {
    var config = System.getenv("XDG_CONFIG_HOME");
    var base =
        config == null || config.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".config")
            : Path.of(config);
    return base.resolve("widemesh/login.json");
  }

  private static String greeting(DataFolder data, Platform platform) throws IOException {
    var login =
        isMine(data, platform)
            ? ""
            : "\nFor ./mesh: export MESH_LOGIN='%s'".formatted(data.login());
    var record =
        new Domain(platform.domain()).isLocal()
            ? ""
            : "\n  DNS    *.%s must lead to this machine".formatted(platform.domain());
    return """
    Widemesh is up.
      Apps   %s%s
      Git    ssh://git@%s:%d/<environment>/<stack>.git
      API    %s
      Data   %s
      CA     %s  (curl --cacert)%s"""
        .formatted(
            platform.apps(),
            record,
            ControlProcess.sshHost(platform),
            platform.ssh(),
            platform.controller(),
            data.root(),
            data.ca(),
            login);
  }
}

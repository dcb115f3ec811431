package dev.widemesh.allinone;

import dev.widemesh.api.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The settings of one platform, kept in its data folder from the first `up` on. `id` (four
/// characters) tells its containers, networks and firewall chains from another platform's on the
/// same machine.
record Platform(
    String id,
    String listen,
    int http,
    int https,
    int ssh,
    int api,
    int registry,
    int postgres,
    String domain,
    String pool) {
  static final int HTTP = 7080;
  static final int HTTPS = 7443;
  static final int SSH = 7022;
  static final int API = 7070;

  /// What `up` was given; absent stays as it was.
  record Wishes(
      @Nullable String listen,
      @Nullable Integer http,
      @Nullable Integer https,
      @Nullable Integer ssh,
      @Nullable Integer api,
      @Nullable Domain domain) {}

  static Platform fresh() {
    return new Platform(
        randomId(), "127.0.0.1", HTTP, HTTPS, SSH, API, 0, 0, Domain.USUAL.name(), "10.213.0.0/16");
  }

  static Platform read(DataFolder data) throws IOException {
    return Json.read(Files.readString(data.settings()), Platform.class);
  }

  void write(DataFolder data) throws IOException {
    AtomicFile.write(data.settings(), Json.write(this) + "\n");
  }

  Platform with(Wishes wishes) {
    return new Platform(
        id,
        wishes.listen() == null ? listen : wishes.listen(),
        wishes.http() == null ? http : wishes.http(),
        wishes.https() == null ? https : wishes.https(),
        wishes.ssh() == null ? ssh : wishes.ssh(),
        wishes.api() == null ? api : wishes.api(),
        registry,
        postgres,
        wishes.domain() == null ? domain : wishes.domain().name(),
        pool);
  }

  /// The two ports that nobody but the platform itself uses.
  Platform withPrivatePorts(int registry, int postgres) {
    return new Platform(id, listen, http, https, ssh, api, registry, postgres, domain, pool);
  }

  /// Those that people and apps use.
  Set<Integer> publicPorts() {
    return Set.copyOf(List.of(http, https, ssh, api));
  }

  /// These and its own two; one that is not chosen yet is 0.
  List<Integer> ports() {
    return List.of(http, https, ssh, api, registry, postgres);
  }

  /// Where apps answer, for people to read.
  String apps() {
    return "http://<environment>.%s:%d  and https on %d".formatted(domain, http, https);
  }

  /// The options of `up` that it runs with and that are not the usual ones.
  Map<String, String> options() {
    var usual = fresh();
    var options = new TreeMap<String, String>();
    if (!listen.equals(usual.listen())) {
      options.put("--listen", listen);
    }
    putUnless(usual.http(), "--http", http, options);
    putUnless(usual.https(), "--https", https, options);
    putUnless(usual.ssh(), "--ssh", ssh, options);
    putUnless(usual.api(), "--api", api, options);
    if (!domain.equals(usual.domain())) {
      options.put("--domain", domain);
    }
    return options;
  }

  private static void putUnless(int usual, String option, int port, Map<String, String> options) {
    if (port != usual) {
      options.put(option, Integer.toString(port));
    }
  }

  /// The API is for this machine alone; elsewhere it is reached through a tunnel.
  URI controller() {
    return URI.create("http://127.0.0.1:" + api);
  }

  private static String randomId() {
    var random = new SecureRandom();
    var id = new StringBuilder();
    for (var i = 0; i < 4; i++) {
      id.append("abcdefghijklmnopqrstuvwxyz0123456789".charAt(random.nextInt(36)));
    }
    return id.toString();
  }
}

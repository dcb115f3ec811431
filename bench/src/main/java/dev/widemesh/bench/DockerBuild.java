package dev.widemesh.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The peer: `docker build` with BuildKit (of Docker 20.10, or with its buildx plugin), of the same
/// app by a Dockerfile of its own. The image that it begins with is there before, made of the same
/// Debian packages that people would take.
final class DockerBuild implements AutoCloseable {
  /// Kept for the next run.
  private static final Path BASES = Ground.HOME.resolve("bench/target/bases");

  private static final Map<String, String> BUILDKIT = Map.of("DOCKER_BUILDKIT", "1");

  /// Where this machine's certificates are: of registries behind a TLS proxy of the house, too.
  private static final List<String> TRUST =
      List.of(
          "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
          "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt",
          "PIP_CERT=/etc/ssl/certs/ca-certificates.crt");

  private final Sample sample;
  private final String base;
  private final String image;

  private DockerBuild(Sample sample) {
    this.sample = sample;
    this.base = "widemesh-bench/base-" + sample.name();
    this.image = "widemesh-bench/" + sample.name();
  }

  static DockerBuild of(Sample sample) throws IOException, InterruptedException {
    var build = new DockerBuild(sample);
    build.makeBase();
    build.makeDockerfile();
    return build;
  }

  /// With caches of its own, so that the first build finds them empty.
  private void makeDockerfile() throws IOException {
    var file = sample.folder().resolve("Dockerfile");
    var own = "type=cache,id=%s-$1,target=$1".formatted(UUID.randomUUID());
    Files.writeString(
        file, Files.readString(file).replaceAll("type=cache,target=([/\\w.-]+)", own));
  }

  private void makeBase() throws IOException, InterruptedException {
    var archive = BASES.resolve(sample.name() + ".tar");
    if (!Files.exists(archive)) {
      bootstrap(archive);
    }
    var argv = new ArrayList<>(List.of("docker", "import"));
    TRUST.forEach(variable -> argv.addAll(List.of("--change", "ENV " + variable)));
    argv.addAll(List.of(archive.toString(), base));
    Ground.must(sample.folder(), Map.of(), argv.toArray(String[]::new));
  }

  private void bootstrap(Path archive) throws IOException, InterruptedException {
    Files.createDirectories(BASES);
    var packages = new ArrayList<>(sample.packages());
    packages.add("ca-certificates");
    var draft = sample.folder().resolve("base.tar");
    Ground.must(
        sample.folder(),
        Map.of(),
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--include=" + String.join(",", packages),
        "--customize-hook=sync-in /etc/ssl/certs /etc/ssl/certs",
        "trixie",
        draft.toString());
    Ground.must(sample.folder(), Map.of(), "mv", draft.toString(), archive.toString());
  }

  /// Milliseconds. The first finds no cache of an earlier one.
  long run() throws IOException, InterruptedException {
    return Ground.time(
        () ->
            Ground.must(
                sample.folder(),
                BUILDKIT,
                "docker",
                "build",
                "--quiet",
                "--network",
                "host",
                "--build-arg",
                "BASE=" + base,
                "--tag",
                image,
                "--file",
                sample.folder().resolve("Dockerfile").toString(),
                sample.app().toString()));
  }

  @Override
  public void close() throws IOException {
    try {
      Ground.must(sample.folder(), Map.of(), "docker", "image", "rm", "--force", image, base);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted; left: " + image + " and " + base, e);
    }
  }
}

package dev.widemesh.builder;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import dev.widemesh.builder.debian.Base;
import dev.widemesh.builder.image.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/// Base images copied from a registry that the operator named: `<prefix>/run:13` and
/// `<prefix>/build:13`, with the credentials of the host's Docker configuration where it has some.
///
/// From there to a file, and from the file into our own registry: the first step checks TLS as
/// strictly as the JVM does, the second is plain HTTP on this machine.
final class CopiedBases implements BaseSource {
  private static final String TAG = "13";

  private final String prefix;
  private final Path dockerConfig;
  private final Path cache;
  private final BuilderConfig config;

  CopiedBases(String prefix, Path dockerConfig, BuilderConfig config) {
    this.prefix = prefix;
    this.dockerConfig = dockerConfig;
    this.cache = config.cache().resolve("copied-bases");
    this.config = config;
  }

  /// Where `docker login` leaves its credentials.
  static Path usualDockerConfig() {
    var folder = System.getenv("DOCKER_CONFIG");
    return folder == null
        ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
        : Path.of(folder, "config.json");
  }

  @Override
  public Base run(Consumer<String> progress) throws IOException {
    return copy("run", progress);
  }

  @Override
  public Base build(Consumer<String> progress) throws IOException {
    return copy("build", progress);
  }

  private Base copy(String name, Consumer<String> progress) throws IOException {
    var from = prefix + "/" + name + ":" + TAG;
    progress.accept("Copying base image " + from);
    Files.createDirectories(cache);
    var tar = Files.createTempFile(cache, name, ".tar");
    try {
      fetch(from, tar);
      var to = config.registry().address() + "/widemesh/" + name + ":" + TAG;
      var digest = store(tar, to);
      return new Base("widemesh/" + name + "@" + digest, from + " " + digest.substring(7, 19));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while copying " + from, e);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // Jib's own types, all of them about the registry or the image
      throw new IOException("cannot copy base image " + from + ": " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(tar);
    }
  }

  private void fetch(String from, Path tar) throws Exception {
    var reference = ImageReference.parse(from);
    var image = RegistryImage.named(reference);
    image.addCredentialRetriever(
        CredentialRetrieverFactory.forImage(reference, _ -> {}).dockerConfig(dockerConfig));
    Jib.from(image)
        .setPlatforms(Set.of(new Platform(Architecture.ofHost(), "linux")))
        .containerize(
            with(Containerizer.to(TarImage.at(tar).named("widemesh/base:" + TAG)))
                .setAllowInsecureRegistries(isLoopback(reference)));
  }

  private String store(Path tar, String to) throws Exception {
    var image =
        RegistryImage.named(to).addCredential(config.registryUser(), config.registryPassword());
    return Jib.from(TarImage.at(tar))
        .containerize(with(Containerizer.to(image)).setAllowInsecureRegistries(true))
        .getDigest()
        .toString();
  }

  private Containerizer with(Containerizer containerizer) {
    return containerizer
        .setBaseImageLayersCache(cache.resolve("layers"))
        .setApplicationLayersCache(cache.resolve("layers"));
  }

  /// As Docker does it: on this machine plain HTTP will do, anywhere else it will not.
  private static boolean isLoopback(ImageReference reference) {
    var host = reference.getRegistry();
    return host.startsWith("127.") || host.startsWith("localhost:");
  }
}

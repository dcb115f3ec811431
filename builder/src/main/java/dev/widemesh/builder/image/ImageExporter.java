package dev.widemesh.builder.image;

import com.google.cloud.tools.jib.blob.BlobDescriptor;
import com.google.cloud.tools.jib.hash.Digests;
import com.google.cloud.tools.jib.image.Image;
import com.google.cloud.tools.jib.image.json.ImageToJsonTranslator;
import com.google.cloud.tools.jib.image.json.OciManifestTemplate;
import com.google.cloud.tools.jib.json.JsonTemplate;
import com.google.cloud.tools.jib.json.JsonTemplateMapper;
import dev.widemesh.api.ArtifactManifest;
import dev.widemesh.api.ArtifactManifest.Descriptor;
import dev.widemesh.api.Json;
import dev.widemesh.builder.image.CompressedLayers.Compressed;
import dev.widemesh.builder.image.ImageAssembly.PlacedLayer;
import dev.widemesh.model.SigningKey;
import dev.widemesh.model.VerifyingKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Puts images into the registry, signed: only what it lacks goes over the wire. The same recipe
/// gives the same digest on every machine. Safe to share between threads.
public final class ImageExporter {
  private final RegistryConnection registry;
  private final CompressedLayers compressed;
  private final ImageSigning signing;
  private final Attachments attachments;
  private volatile Optional<StoredImage> lastBase = Optional.empty();

  /// `cache` keeps compressed layers, 4 GB at most beside those that are being pushed, so that none
  /// is compressed twice; `signed` what was signed.
  public ImageExporter(
      String registryAddress,
      String user,
      String password,
      Path cache,
      SigningKey key,
      Path signed) {
    this(registryAddress, user, password, new CompressedLayers(cache), key, signed);
  }

  ImageExporter(
      String registryAddress,
      String user,
      String password,
      CompressedLayers compressed,
      SigningKey key,
      Path signed) {
    registry = new RegistryConnection(registryAddress, user, password);
    signing = new ImageSigning(registry, key, signed);
    this.compressed = compressed;
    attachments = new Attachments(registry);
  }

  /// What is said about the images there.
  public Attachments attachments() {
    return attachments;
  }

  public PushedImage push(ImageRecipe recipe) throws IOException {
    var base =
        recipe.base().isPresent()
            ? Optional.of(base(recipe.base().get()))
            : Optional.<StoredImage>empty();
    var placed = place(recipe, base);
    var image = ImageAssembly.assemble(base, placed, recipe.settings());
    var digest = publish(recipe.repository(), image);
    var moved = placed.stream().filter(PlacedLayer::pushed).toList();
    return new PushedImage(
        recipe.repository() + "@" + digest,
        placed.size() - moved.size(),
        moved.size(),
        moved.stream().mapToLong(layer -> layer.compressed().size()).sum());
  }

  /// Pushes the one image that a builder left in a folder (an OCI layout), which nobody writes to
  /// any more. Answers its digest.
  public String bring(String repository, Path folder) throws IOException {
    return new OciFolder(folder).push(registry, repository);
  }

  /// Takes over the image with that digest, which an engine pushed; these labels do not stay on it.
  public EngineImage adopt(String repository, String digest, List<String> labels)
      throws IOException {
    return new Adoption(registry, signing, repository).of(digest, labels);
  }

  /// One that is signed already stays as it is. False where there is no such image.
  public boolean sign(String reference) throws IOException {
    var name = ImageName.parse(reference);
    var found = registry.findManifest(name.repository(), name.digest());
    if (found.isPresent()) {
      var manifest = found.get();
      signing.sign(
          name.repository(), new Descriptor(mediaType(manifest), name.digest(), manifest.length));
    }
    return found.isPresent();
  }

  /// With the key of now.
  public boolean isSigned(String reference) throws IOException {
    var name = ImageName.parse(reference);
    return signing.isSigned(name.repository(), name.digest());
  }

  /// Signs again what lost its signature and is known to be ours: by a signature, or a copy of one,
  /// with the key of now or with one `before`.
  public Mending mend(String reference, List<VerifyingKey> before) throws IOException {
    var name = ImageName.parse(reference);
    if (signing.isWhole(name.repository(), name.digest())) {
      return Mending.WHOLE;
    }
    if (!signing.isKnown(name.repository(), name.digest(), before)) {
      return Mending.UNKNOWN;
    }
    return sign(reference) ? Mending.SIGNED_AGAIN : Mending.GONE;
  }

  /// Of what was signed before that moment, only these are known as ours from now on.
  public void rememberOnly(Collection<String> references, Instant since) throws IOException {
    signing.rememberOnly(references, since);
  }

  private static String mediaType(byte[] manifest) throws IOException {
    return Json.MAPPER.readTree(manifest).path("mediaType").asText(ArtifactManifest.MEDIA_TYPE);
  }

  /// `reference` is `<repository>@sha256:<hex>`.
  public ImageConfig inspect(String reference) throws IOException {
    return load(reference).config();
  }

  /// The tar of a layer that was pushed, if it is still kept; to be closed.
  public InputStream open(Layer layer) throws IOException {
    return compressed.open(layer);
  }

  /// Puts the image into an empty folder in the OCI image layout, without its layers but those
  /// small ones of which the hash of the tar is `wanted`.
  public void lay(String reference, Path folder, Set<String> wanted) throws IOException {
    new SparseLayout(registry, folder).write(reference, wanted);
  }

  /// From now on a recipe may name the layers of that image without having their tars.
  public void recall(String reference) throws IOException {
    var stored = load(reference);
    for (var each : stored.image().getLayers()) {
      var diffId = each.getDiffId().toString();
      var blob = each.getBlobDescriptor();
      var layer = new Layer("", diffId, Path.of("not-written"), 0);
      if (compressed.known(layer).isEmpty()) {
        compressed.remember(
            layer,
            new Compressed(blob.getDigest().toString(), blob.getSize(), stored.repository()));
      }
    }
  }

  private StoredImage load(String reference) throws IOException {
    return StoredImage.load(registry, reference);
  }

  /// The one image that most are put on is not read each time.
  private StoredImage base(String reference) throws IOException {
    var known = lastBase;
    if (known.isPresent() && known.get().reference().equals(reference)) {
      return known.get();
    }
    var base = load(reference);
    lastBase = Optional.of(base);
    return base;
  }

  private List<PlacedLayer> place(ImageRecipe recipe, Optional<StoredImage> base)
      throws IOException {
    var tasks = new ArrayList<Callable<Optional<PlacedLayer>>>();
    for (var layer : recipe.layers()) {
      tasks.add(() -> Optional.of(place(recipe.repository(), layer)));
    }
    base.ifPresent(
        stored ->
            tasks.add(
                () -> {
                  mountBase(recipe.repository(), stored);
                  return Optional.empty();
                }));
    return all(tasks).stream().flatMap(Optional::stream).toList();
  }

  private static <T> List<T> all(List<Callable<T>> tasks) throws IOException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var result : threads.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while pushing an image", e);
    }
  }

  private void mountBase(String repository, StoredImage base) throws IOException {
    for (var layer : base.image().getLayers()) {
      var described = layer.getBlobDescriptor();
      if (!isThere(
          repository, base.repository(), described.getDigest().toString(), described.getSize())) {
        throw new IOException("the registry lost a layer of the base image " + base.reference());
      }
    }
  }

  private PlacedLayer place(String repository, Layer layer) throws IOException {
    var known = compressed.known(layer);
    if (known.isPresent() && isThere(repository, known.get())) {
      var there = known.get().in(repository);
      if (!there.equals(known.get())) {
        compressed.remember(layer, there);
      }
      return new PlacedLayer(layer, there, false);
    }
    return upload(repository, layer);
  }

  private boolean isThere(String repository, Compressed layer) throws IOException {
    return isThere(repository, layer.repository(), layer.digest(), layer.size());
  }

  /// Or can be had from that other repository, which may be none.
  private boolean isThere(String repository, String other, String digest, long size)
      throws IOException {
    return registry.hasBlob(repository, digest, size)
        || (!other.isEmpty()
            && registry.mount(repository, digest, other)
            && registry.hasBlob(repository, digest, size));
  }

  private PlacedLayer upload(String repository, Layer layer) throws IOException {
    try (var lent = compressed.lend(layer)) {
      var fresh = lent.compressed().in(repository);
      var there = registry.hasBlob(repository, fresh.digest(), fresh.size());
      if (!there) {
        registry.pushBlob(repository, fresh.digest(), lent.file());
      }
      compressed.remember(layer, fresh);
      return new PlacedLayer(layer, fresh, !there);
    }
  }

  private String publish(String repository, Image image) throws IOException {
    var json = new ImageToJsonTranslator(image);
    var config = json.getContainerConfiguration();
    var described = Digests.computeDigest(config);
    var manifest =
        JsonTemplateMapper.toByteArray(
            json.getManifestTemplate(OciManifestTemplate.class, described));
    var address =
        new Descriptor(
            OciManifestTemplate.MANIFEST_MEDIA_TYPE, Sha256.of(manifest), manifest.length);
    all(
        List.of(
            () -> publish(repository, config, described, address, manifest),
            () -> {
              signing.sign(repository, address);
              return address;
            }));
    return address.digest();
  }

  private Descriptor publish(
      String repository,
      JsonTemplate config,
      BlobDescriptor described,
      Descriptor address,
      byte[] manifest)
      throws IOException {
    var digest = described.getDigest().toString();
    if (!registry.hasBlob(repository, digest)) {
      registry.pushBlob(repository, digest, JsonTemplateMapper.toByteArray(config));
    }
    registry.pushManifest(repository, address.digest(), address.mediaType(), manifest);
    return address;
  }
}

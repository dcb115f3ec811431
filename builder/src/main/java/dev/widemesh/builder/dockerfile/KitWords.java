package dev.widemesh.builder.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What `buildctl` is asked.
final class KitWords {
  /// 1980, as in all our images: what one commit makes is the same whenever it is made.
  private static final String EPOCH = "315532801";

  /// A secret's value is in the variable of this name and its own.
  static final String SECRET = "WIDEMESH_SECRET_";

  private KitWords() {}

  /// `layouts` are the digests of the base images by their ids, `secrets` the names of those that
  /// steps mount.
  static List<String> build(
      Map<String, String> layouts, Map<String, String> arguments, Set<String> secrets) {
    var words =
        new ArrayList<>(
            List.of(
                "build",
                "--frontend=dockerfile.v0",
                KitContext.POLICY,
                "--local=context=/context/files",
                "--local=dockerfile=/context/dockerfile",
                "--progress=rawjson",
                "--allow=network.host",
                "--opt=force-network-mode=host",
                "--opt=build-arg:SOURCE_DATE_EPOCH=" + EPOCH,
                "--output=type=oci,tar=false,rewrite-timestamp=true,compression=gzip"
                    + ",force-compression=true,dest=/out/image"));
    layouts.forEach(
        (id, digest) -> {
          words.add("--oci-layout=" + id + "=/bases/" + id);
          words.add("--opt=context:%s=oci-layout://%s@%s".formatted(KitBases.name(id), id, digest));
        });
    arguments.forEach((name, value) -> words.add("--opt=build-arg:" + name + "=" + value));
    secrets.forEach(name -> words.add("--secret=id=" + name + ",env=" + SECRET + name));
    return words;
  }

  /// To drop what was not used for longest.
  static List<String> prune(long keptBytes) {
    return List.of("prune", "--keep-storage=" + keptBytes / 1_000_000);
  }
}

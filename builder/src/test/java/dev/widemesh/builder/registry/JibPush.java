package dev.widemesh.builder.registry;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import dev.widemesh.builder.image.RunningRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Pushes as any user of Jib would, who has set `sendCredentialsOverHttp` as the build here does.
final class JibPush {
  private JibPush() {}

  static String push(String image, String password, Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("hello"), "hello");
    var target =
        Containerizer.to(RegistryImage.named(image).addCredential(RunningRegistry.PUSHER, password))
            .setAllowInsecureRegistries(true)
            .setBaseImageLayersCache(folder.resolve("jib-base"))
            .setApplicationLayersCache(folder.resolve("jib-app"));
    return Jib.fromScratch()
        .addLayer(List.of(file), AbsoluteUnixPath.get("/app"))
        .containerize(target)
        .getDigest()
        .toString();
  }
}

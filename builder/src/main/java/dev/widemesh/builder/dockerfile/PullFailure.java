package dev.widemesh.builder.dockerfile;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.builder.lifecycle.BuildRefused;
import dev.widemesh.model.RegistryHost;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Names the cause why a base image did not come, from what the engine says.
record PullFailure(
    Instruction where, String image, RegistryHost host, Optional<RegistryLogin> login) {
  private static final Logger log = LoggerFactory.getLogger(PullFailure.class);
  static final String OURS = "widemesh/run:13 and widemesh/build:13 are always there";

  BuildRefused of(String words) {
    var said = new EngineWords(words);
    log.info("the base image {} does not come: {}", image, said);
    if (said.isDenial()) {
      return denied();
    }
    if (said.isUnknown()) {
      return where.refused(
          "the base image %s does not exist".formatted(image), "correct its name or tag");
    }
    return where.refused(
        "the base image %s cannot be pulled (%s)".formatted(image, said.of(host)),
        where.otherwise());
  }

  private BuildRefused denied() {
    return login
        .map(
            known ->
                where.refused(
                    "the base image %s does not exist, or %s may not pull it"
                        .formatted(image, known.user()),
                    "correct its name, or mesh registry login %s with a user who may"
                        .formatted(host)))
        .orElseGet(
            () ->
                where.refused(
                    "the base image %s does not exist or is private".formatted(image),
                    "correct its name, or give credentials: mesh registry login " + host));
  }
}

package dev.widemesh.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.rack.RackMessage.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Signed by itself, by openssl, as an operator would.
final class OwnCertificate {
  private OwnCertificate() {}

  static Certificate of(Path folder, String... names) throws IOException, InterruptedException {
    var key = folder.resolve(names[0].replace('*', '_') + ".key");
    var chain = folder.resolve(names[0].replace('*', '_') + ".pem");
    var alternatives = "subjectAltName=DNS:" + String.join(",DNS:", names);
    var made =
        new ProcessBuilder(
                List.of(
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-days",
                    "2",
                    "-subj",
                    "/CN=test",
                    "-addext",
                    alternatives,
                    "-keyout",
                    key.toString(),
                    "-out",
                    chain.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(made.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return new Certificate(List.of(names), Files.readString(chain), Files.readString(key));
  }
}

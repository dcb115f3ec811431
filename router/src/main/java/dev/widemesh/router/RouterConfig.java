package dev.widemesh.router;

import java.nio.file.Path;

/// What a router is told. `data` holds its last table; `socket` is the rack-runner's. A port of 0
/// picks a free one. `listen` may be a wildcard (`0.0.0.0` or `::`): then both address families.
public record RouterConfig(Path data, Path socket, String listen, int httpPort, int httpsPort) {}

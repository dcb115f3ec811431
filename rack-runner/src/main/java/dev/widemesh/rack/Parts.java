package dev.widemesh.rack;

import java.time.InstantSource;

/// What all environments of a rack work with.
record Parts(
    RackRunnerConfig config,
    InstantSource clock,
    Vault vault,
    Engine engine,
    Images images,
    Signatures signatures,
    Networks networks,
    Subnets subnets,
    Routers routers,
    Routes routes,
    Reports reports) {}

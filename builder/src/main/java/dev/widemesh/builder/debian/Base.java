package dev.widemesh.builder.debian;

/// `reference` is `<repository>@sha256:<hex>`; `version` is for people: Debian's version and the
/// first digits of the hash over all packages.
public record Base(String reference, String version) {}

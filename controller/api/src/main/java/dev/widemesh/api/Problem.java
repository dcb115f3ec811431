package dev.widemesh.api;

import org.jspecify.annotations.Nullable;

/// The body of every refusal. `code` is a stable kebab-case word; `message` says what is wrong,
/// `nextStep` what to do.
public record Problem(String code, String message, @Nullable String nextStep) {}

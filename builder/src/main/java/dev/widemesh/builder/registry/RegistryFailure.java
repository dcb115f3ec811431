package dev.widemesh.builder.registry;

import java.util.Map;

/// A refusal as the client sees it.
final class RegistryFailure extends Exception {
  final int status;
  final ErrorCode code;
  final transient Map<String, String> headers;

  RegistryFailure(int status, ErrorCode code, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.headers = Map.copyOf(headers);
  }

  static RegistryFailure of(ErrorCode code, String message) {
    return new RegistryFailure(code.status, code, message, Map.of());
  }

  static RegistryFailure diskFull() {
    return new RegistryFailure(
        507,
        ErrorCode.UNKNOWN,
        "the registry's disk is full: free some space on it, then push again",
        Map.of());
  }
}

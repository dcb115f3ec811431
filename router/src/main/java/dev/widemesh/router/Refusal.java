package dev.widemesh.router;

/// Everything that can go wrong with a request: a stable code, the status that goes with it, and
/// what people read. Listed in `docs/errors.md`.
enum Refusal {
  NO_SUCH_ENDPOINT("W01", 404, "No such endpoint", "Nothing here is called by this host name."),
  NOTHING_PUBLISHED("W02", 404, "Nothing published", "No service is published at this address."),
  NONE_HEALTHY("W03", 503, "No healthy instance", "The service has no instance ready to answer."),
  HELD_TOO_LONG("W04", 503, "Still starting", "No instance became ready in time."),
  REFUSED("W05", 502, "Instance refused", "The instance does not accept connections."),
  CLOSED("W06", 502, "Instance hung up", "The instance closed the connection without an answer."),
  GARBAGE("W07", 502, "Bad answer", "The instance's answer is not valid HTTP."),
  TIMED_OUT("W08", 504, "Timed out", "The instance did not answer in time."),
  UNREACHABLE("W09", 504, "Instance unreachable", "Connecting to the instance took too long."),
  TOO_LARGE("W10", 413, "Too large", "The request's body is larger than 100 MB."),
  MALFORMED("W11", 400, "Bad request", "The request is not valid HTTP."),
  METHOD("W12", 405, "Method not allowed", "CONNECT and TRACE are not served."),
  MISDIRECTED("W13", 421, "Misdirected", "This connection's certificate is for another host."),
  LONG_LINE("W14", 414, "Address too long", "The request line is longer than 16 KB."),
  LONG_HEADERS("W15", 431, "Headers too large", "The headers are larger than 32 KB."),
  SLOW_CLIENT("W16", 408, "Request timed out", "The request did not arrive in time."),
  NO_SUCH_SERVICE(
      "W17", 404, "No such service", "No service of this environment takes requests by this name."),
  BUSY("W18", 503, "Too busy", "The instance has too many connections already."),
  FULL("W19", 503, "Too busy", "Too many requests are under way already."),
  /// Only in the log: there is nobody left to tell.
  CLIENT_GONE("W90", 499, "Client gone", "The client closed the connection before the answer."),
  INTERRUPTED("W91", 502, "Interrupted", "The instance broke off in the middle of its answer."),
  LAGGARD("W92", 499, "Client too slow", "The client did not read the answer.");

  private final String code;
  private final int status;
  private final String title;
  private final String text;

  Refusal(String code, int status, String title, String text) {
    this.code = code;
    this.status = status;
    this.title = title;
    this.text = text;
  }

  String code() {
    return code;
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }

  String text() {
    return text;
  }
}

package dev.widemesh.model;

import java.util.Optional;

/// The name of a service, unique in its stack. Its host name is `<stack>-<service>`.
public record ServiceName(String value) {
  public static final ServiceName WEB = new ServiceName("web");

  public ServiceName {
    Names.require("a service", value);
  }

  /// Why the text is not such a name; empty when it is one.
  public static Optional<String> refusal(String text) {
    return Names.refusal("a service", text);
  }

  public static Optional<ServiceName> parse(String text) {
    return Names.allows(text) ? Optional.of(new ServiceName(text)) : Optional.empty();
  }

  /// The name by which other services of the environment reach this one.
  public String hostname(StackName stack) {
    return stack.value() + "-" + value;
  }

  @Override
  public String toString() {
    return value;
  }
}

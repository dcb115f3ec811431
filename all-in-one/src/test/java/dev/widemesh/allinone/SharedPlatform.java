package dev.widemesh.allinone;

import java.io.IOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// One platform for all test classes that ask for a [TestPlatform]; each test makes environments of
/// its own.
final class SharedPlatform implements ParameterResolver {
  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(SharedPlatform.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestPlatform.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(SPACE)
        .computeIfAbsent("platform", _ -> start(), TestPlatform.class);
  }

  private static TestPlatform start() {
    try {
      return TestPlatform.start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

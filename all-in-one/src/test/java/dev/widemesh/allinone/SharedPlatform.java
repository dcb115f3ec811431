package dev.widemesh.allinone;

import java.io.IOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// One platform for all test classes of this JVM that ask for a [TestPlatform]; each test makes
/// environments of its own. It lives as long as the launcher's session: where several JVMs share
/// the classes, each class is an execution of its own, at whose end the root's store is closed.
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
        .getStore(StoreScope.LAUNCHER_SESSION, SPACE)
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

package dev.widemesh.allinone;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import ch.qos.logback.core.util.FileSize;
import java.util.Map;

/// One file for each process, and three older ones, of 10 MB each at most. Logback finds this class
/// by itself; it is not XML because every start would pay for reading that.
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogFile extends ContextAwareBase implements Configurator {
  private static final int OLDER = 3;
  private static final long LARGEST = 10 * FileSize.MB_COEFFICIENT;

  /// Strangers can make the one for SSH warn at will.
  private static final Map<String, Level> QUIET =
      Map.of(
          "io.netty", Level.WARN,
          "org.flywaydb", Level.WARN,
          "com.github.dockerjava", Level.WARN,
          "org.apache.sshd", Level.ERROR);

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    // Else its own troubles, such as a file that cannot be opened, are printed before an answer.
    loggers.getStatusManager().add(new NopStatusListener());
    var root = loggers.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(file(loggers, System.getProperty("widemesh.log", "widemesh")));
    QUIET.forEach((name, level) -> loggers.getLogger(name).setLevel(level));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  static RollingFileAppender<ILoggingEvent> file(LoggerContext loggers, String path) {
    var file = new RollingFileAppender<ILoggingEvent>();
    file.setContext(loggers);
    file.setName("file");
    file.setFile(path + ".log");
    var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
    encoder.setContext(loggers);
    var layout = new LogLine();
    layout.setContext(loggers);
    layout.start();
    encoder.setLayout(layout);
    encoder.start();
    file.setEncoder(encoder);
    var window = new FixedWindowRollingPolicy();
    window.setContext(loggers);
    window.setParent(file);
    window.setFileNamePattern(path + ".%i.log");
    window.setMinIndex(1);
    window.setMaxIndex(OLDER);
    window.start();
    file.setRollingPolicy(window);
    var size = new SizeBasedTriggeringPolicy<ILoggingEvent>();
    size.setContext(loggers);
    size.setMaxFileSize(new FileSize(LARGEST));
    size.start();
    file.setTriggeringPolicy(size);
    file.start();
    return file;
  }
}

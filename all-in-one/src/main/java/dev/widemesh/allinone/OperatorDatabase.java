package dev.widemesh.allinone;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/// A PostgreSQL server that the operator runs, named by WIDEMESH_DATABASE_URL:
/// `postgresql://user:password@host:port/database` (PostgreSQL, "Connection URIs").
record OperatorDatabase(String url) {
  private static final Variable VARIABLE = Variable.DATABASE_URL;
  private static final int OLDEST = 14;
  private static final int PORT = 5432;
  private static final String EXAMPLE =
      VARIABLE + "=postgresql://user:password@host:5432/database, or unset it for the embedded one";

  static Optional<OperatorDatabase> named() {
    return Settings.ofThisProcess().database().map(OperatorDatabase::new);
  }

  /// Refuses what the controller could not work with. The password is in no message.
  void check() {
    try (var connection = DriverManager.getConnection(jdbc(), login())) {
      var version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < OLDEST) {
        throw new Refused(
            "the server of %s is PostgreSQL %d, at least %d is needed"
                .formatted(VARIABLE, version, OLDEST),
            "upgrade it, or name another");
      }
    } catch (SQLException e) {
      var words = String.valueOf(e.getMessage()).lines().findFirst().orElse("it does not answer");
      throw new Refused("the database of %s: %s".formatted(VARIABLE, words), EXAMPLE);
    }
  }

  private String jdbc() {
    var uri = uri();
    return "jdbc:postgresql://%s:%d%s?connectTimeout=5&socketTimeout=10"
        .formatted(uri.getHost(), uri.getPort() < 0 ? PORT : uri.getPort(), uri.getRawPath());
  }

  private Properties login() {
    var user = Optional.ofNullable(uri().getRawUserInfo()).orElse("").split(":", 2);
    var login = new Properties();
    login.setProperty("user", decoded(user[0]));
    if (user.length > 1) {
      login.setProperty("password", decoded(user[1]));
    }
    return login;
  }

  private static String decoded(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private URI uri() {
    try {
      var uri = URI.create(url);
      var scheme = String.valueOf(uri.getScheme());
      if ((scheme.equals("postgresql") || scheme.equals("postgres"))
          && uri.getHost() != null
          && uri.getRawPath().length() > 1) {
        return uri;
      }
    } catch (IllegalArgumentException _) {
      // said below, without the words of the URL
    }
    throw new Refused(VARIABLE + " is not the URL of a PostgreSQL database", EXAMPLE);
  }
}

package dev.widemesh.controller;

import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/// A database for those who block on it, out of `postgresql://user:password@host:port/database`.
record JdbcAddress(String url, String user, String password) {
  private static final int PORT = 5432;

  static JdbcAddress of(String databaseUrl) {
    var uri = URI.create(databaseUrl);
    var login = uri.getUserInfo().split(":", 2);
    return new JdbcAddress(
        "jdbc:postgresql://%s:%d%s?connectTimeout=5&socketTimeout=60&loginTimeout=10"
            .formatted(uri.getHost(), uri.getPort() < 0 ? PORT : uri.getPort(), uri.getPath()),
        login[0],
        login.length > 1 ? login[1] : "");
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }
}

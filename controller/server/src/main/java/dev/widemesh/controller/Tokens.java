package dev.widemesh.controller;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Bearer tokens: `wm_<12 characters that name it>_<43 that prove it>`. 256 random bits need no
/// slow hash.
final class Tokens {
  private static final Pattern FORMAT = Pattern.compile("wm_([A-Za-z0-9]{12})_([A-Za-z0-9_-]{43})");

  private static final int KNOWN = 1_000;

  private final Database database;
  private final Guesses guesses = new Guesses();

  /// Hashes of tokens that were good: their owners are let in though others guess beside them.
  private final Map<String, Boolean> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > KNOWN;
        }
      };

  Tokens(Database database) {
    this.database = database;
  }

  /// `address` is where the client is.
  Caller caller(@Nullable String authorization, String address) {
    if (authorization == null) {
      return new Caller.Nobody();
    }
    var token = authorization.startsWith("Bearer ") ? authorization.substring(7).strip() : "";
    var hash = HexFormat.of().formatHex(hash(token));
    var wait = guesses.wait(address, System.nanoTime());
    if (!wait.isZero() && !isKnown(hash)) {
      throw Refusal.tooMany(wait);
    }
    try {
      var caller = find(token);
      remember(hash);
      return caller;
    } catch (Refusal wrong) {
      guesses.wrong(address, System.nanoTime());
      throw wrong;
    }
  }

  private boolean isKnown(String hash) {
    synchronized (known) {
      return known.containsKey(hash);
    }
  }

  private void remember(String hash) {
    synchronized (known) {
      known.put(hash, true);
    }
  }

  private Caller find(String token) {
    var parts = FORMAT.matcher(token);
    if (!parts.matches()) {
      throw Refusal.unauthenticated();
    }
    var id = parts.group(1);
    return database
        .call(
            tx ->
                tx.one(
                    """
            SELECT t.hash, t.kind, t.rack, t.expires, a.id, a.name, a.admin
              FROM token t LEFT JOIN account a ON a.id = t.account
             WHERE t.id = $1
            """,
                    id))
        .filter(row -> isGood(row, token))
        .map(Tokens::who)
        .orElseThrow(Refusal::unauthenticated);
  }

  private static boolean isGood(Row row, String token) {
    var expires = row.getOffsetDateTime("expires");
    return MessageDigest.isEqual(row.getBuffer("hash").getBytes(), hash(token))
        && (expires == null || expires.toInstant().isAfter(Instant.now()));
  }

  private static Caller who(Row row) {
    var kind = row.getString("kind");
    return switch (kind) {
      case "account" ->
          new Caller.Person(row.getUUID("id"), row.getString("name"), row.getBoolean("admin"));
      case "gateway" -> new Caller.Gateway();
      case "builder" -> new Caller.Builder();
      case "rack" -> new Caller.Rack(row.getString("rack"));
      default -> throw new IllegalStateException("no such kind of token: " + kind);
    };
  }

  /// The tokens of the configuration are good, and those that it had before no longer are.
  void bootstrap(ControllerConfig config) {
    var tokens = config.tokens();
    database.run(
        tx -> {
          tx.change("INSERT INTO rack (name) VALUES ($1) ON CONFLICT DO NOTHING", config.rack());
          var _ =
              tx.change(
                  "INSERT INTO account (id, name, admin) VALUES ($1, 'admin', true)"
                      + " ON CONFLICT DO NOTHING",
                  UUID.randomUUID());
          var admin =
              tx.one("SELECT id FROM account WHERE name = 'admin'").orElseThrow().getUUID(0);
          tx.change("DELETE FROM token WHERE bootstrap");
          put(tx, tokens.admin(), "account", admin, null);
          put(tx, tokens.gateway(), "gateway", null, null);
          put(tx, tokens.builder(), "builder", null, null);
          put(tx, tokens.rack(), "rack", null, config.rack());
        });
    List.of(tokens.admin(), tokens.gateway(), tokens.builder(), tokens.rack())
        .forEach(token -> remember(HexFormat.of().formatHex(hash(token))));
  }

  private static void put(
      Tx tx, String token, String kind, @Nullable UUID account, @Nullable String rack) {
    var parts = FORMAT.matcher(token);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "the token of the " + kind + " is not of the form wm_<12>_<43>");
    }
    var _ =
        tx.change(
            """
            INSERT INTO token (id, hash, kind, account, rack, bootstrap)
            VALUES ($1, $2, $3, $4, $5, true)
            """,
            parts.group(1),
            Buffer.buffer(hash(token)),
            kind,
            account,
            rack);
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static OffsetDateTime at(Instant instant) {
    return instant.atOffset(java.time.ZoneOffset.UTC);
  }
}

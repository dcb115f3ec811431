package dev.widemesh.controller;

import dev.widemesh.api.Views;
import io.vertx.sqlclient.Row;

/// Who people are, and the keys they push with.
final class Accounts {
  private final Database database;

  Accounts(Database database) {
    this.database = database;
  }

  Answer whoami(Call call) {
    return Answer.of(new Views.Account(call.person().name(), call.person().admin()));
  }

  Answer listKeys(Call call) {
    return Answer.of(
        database.call(
            tx ->
                tx.list(
                    Accounts::view,
                    """
                    SELECT fingerprint, name, created FROM ssh_key
                     WHERE account = $1 ORDER BY created, fingerprint
                    """,
                    call.person().id())));
  }

  Answer addKey(Call call) {
    var body = call.body(Views.AddKey.class);
    var key = PublicKey.parse(body.publicKey() == null ? "" : body.publicKey());
    var wanted = body.name() == null ? key.comment() : body.name();
    var name = wanted.isBlank() ? "key" : wanted.strip();
    if (name.length() > 100) {
      throw Refusal.bad("bad-name", "the name of a key has at most 100 characters", null);
    }
    return Answer.created(database.call(tx -> add(tx, call.person(), key, name)));
  }

  private static Views.SshKey add(Tx tx, Caller.Person person, PublicKey key, String name) {
    tx.change(
        """
        INSERT INTO ssh_key (fingerprint, account, name, public_key) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        key.fingerprint(),
        person.id(),
        name,
        key.text());
    return tx.one(
            "SELECT fingerprint, name, created FROM ssh_key WHERE fingerprint = $1 AND account = $2",
            key.fingerprint(),
            person.id())
        .map(Accounts::view)
        .orElseThrow(
            () ->
                Refusal.conflict(
                    "key-taken",
                    "this key belongs to another account",
                    "make a key of your own: ssh-keygen -t ed25519"));
  }

  Answer deleteKey(Call call) {
    var fingerprint = call.parameter("fingerprint");
    var deleted =
        database.call(
            tx ->
                tx.change(
                    "DELETE FROM ssh_key WHERE fingerprint = $1 AND account = $2",
                    fingerprint,
                    call.person().id()));
    if (deleted == 0) {
      throw Refusal.missing("no-such-key", "you have no key " + fingerprint, "mesh keys ls");
    }
    return Answer.nothing();
  }

  private static Views.SshKey view(Row row) {
    return new Views.SshKey(
        row.getString("fingerprint"),
        row.getString("name"),
        row.getOffsetDateTime("created").toInstant());
  }
}

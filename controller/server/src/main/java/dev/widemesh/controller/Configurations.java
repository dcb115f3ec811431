package dev.widemesh.controller;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Views;
import dev.widemesh.model.Sealer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The configuration of stacks: shown without its secrets, changed as a new version.
final class Configurations {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,199}");
  private static final int VALUE_LIMIT = 64_000;
  private static final int TOTAL_LIMIT = 512_000;

  private final Database database;
  private final Sealer sealer;
  private final Deployments deployments;

  Configurations(Database database, Sealer sealer, Deployments deployments) {
    this.database = database;
    this.sealer = sealer;
    this.deployments = deployments;
  }

  Answer get(Call call) {
    return Answer.of(
        database.call(
            tx -> {
              var stack = Stacks.known(tx, call);
              var version = version(tx, stack);
              return view(version, Configuration.read(tx, sealer, stack.id(), version));
            }));
  }

  private static int version(Tx tx, Stacks.Known stack) {
    return tx.one("SELECT config_version FROM stack WHERE id = $1 FOR UPDATE", stack.id())
        .orElseThrow()
        .getInteger(0);
  }

  private static Views.Config view(int version, Configuration configuration) {
    var entries = new ArrayList<Views.ConfigEntry>();
    new TreeMap<>(configuration.values())
        .forEach(
            (name, value) ->
                entries.add(
                    new Views.ConfigEntry(
                        name, value.secret() ? null : value.text(), value.secret())));
    return new Views.Config(version, entries);
  }

  Answer change(Call call) {
    var wanted = call.body(Views.ChangeConfig.class);
    var set = wanted.set() == null ? Map.<String, String>of() : wanted.set();
    var unset = wanted.unset() == null ? List.<String>of() : wanted.unset();
    set.forEach(Configurations::check);
    var restart = !Boolean.FALSE.equals(wanted.restart());
    var secret = Boolean.TRUE.equals(wanted.secret());
    var changed =
        database.call(
            tx -> {
              var stack = Stacks.known(tx, call);
              return change(tx, call.person(), stack, new Wish(set, unset, secret, restart));
            });
    deployments.wake();
    return Answer.of(changed);
  }

  private record Wish(
      Map<String, String> set, List<String> unset, boolean secret, boolean restart) {}

  private Views.ConfigChanged change(Tx tx, Caller.Person person, Stacks.Known stack, Wish wish) {
    var version = version(tx, stack);
    var now = Configuration.read(tx, sealer, stack.id(), version).values();
    var names = new TreeSet<String>();
    var next = apply(tx, stack, wish, version, now, names);
    tx.change("UPDATE stack SET config_version = $2 WHERE id = $1", stack.id(), next);
    OpenRollback.of(tx, stack.id())
        .ifPresent(
            back -> back.leaves(tx, apply(tx, stack, wish, back.configVersion(), now, names)));
    if (names.isEmpty()) {
      return new Views.ConfigChanged(version, 0, null);
    }
    var roll = wish.restart() ? roll(tx, person, stack, List.copyOf(names)) : null;
    return new Views.ConfigChanged(next, names.size(), roll);
  }

  /// The version that is as wished: `version` itself where it is so already. The names of what
  /// changed are added to `names`; what is a secret `now` stays one.
  private int apply(
      Tx tx,
      Stacks.Known stack,
      Wish wish,
      int version,
      Map<String, Configuration.Value> now,
      Set<String> names) {
    var before = Configuration.read(tx, sealer, stack.id(), version).values();
    var after = new HashMap<>(before);
    wish.unset().forEach(after::remove);
    wish.set()
        .forEach(
            (name, text) -> {
              var secret = wish.secret() || isSecret(before, name) || isSecret(now, name);
              after.put(name, new Configuration.Value(text, secret));
            });
    if (after.equals(before)) {
      return version;
    }
    refuseTooMuch(after);
    names.addAll(changedNames(before, after));
    return store(tx, stack, new Configuration(after));
  }

  private static boolean isSecret(Map<String, Configuration.Value> values, String name) {
    var value = values.get(name);
    return value != null && value.secret();
  }

  private int store(Tx tx, Stacks.Known stack, Configuration configuration) {
    var next =
        tx.one(
                "SELECT coalesce(max(version), 0) + 1 FROM configuration WHERE stack = $1",
                stack.id())
            .orElseThrow()
            .getInteger(0);
    configuration.write(tx, sealer, stack.id(), next);
    return next;
  }

  private @Nullable DeploymentView roll(
      Tx tx, Caller.Person person, Stacks.Known stack, List<String> names) {
    var shown = names.size() > 5 ? names.subList(0, 5) + " and more" : String.join(", ", names);
    return deployments
        .queue(tx, stack, new Deployments.Order("config", shown, person.name(), null))
        .orElse(null);
  }

  private static List<String> changedNames(
      Map<String, Configuration.Value> before, Map<String, Configuration.Value> after) {
    var names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    names.removeIf(name -> Objects.equals(before.get(name), after.get(name)));
    return List.copyOf(names);
  }

  private static void check(String name, @Nullable String value) {
    if (!NAME.matcher(name).matches()) {
      throw Refusal.bad(
          "bad-config-name",
          "'%s' is not a name for a value: letters, digits and '_', not starting with a digit"
              .formatted(name.length() > 60 ? name.substring(0, 60) + "..." : name),
          "choose another name");
    }
    if (name.equals("PORT")) {
      throw Refusal.bad(
          "reserved-config-name", "PORT is chosen by the platform", "mesh svc update --port");
    }
    if (name.startsWith("WIDEMESH_")) {
      throw Refusal.bad(
          "reserved-config-name",
          "names that start with WIDEMESH_ are the platform's",
          "choose another name");
    }
    if (value == null || value.indexOf('\0') >= 0 || bytes(value) > VALUE_LIMIT) {
      throw Refusal.bad(
          "bad-config-value",
          "the value of %s must be text of at most %d bytes".formatted(name, VALUE_LIMIT),
          "keep large things elsewhere, and configure where");
    }
  }

  private static void refuseTooMuch(Map<String, Configuration.Value> values) {
    var total = 0;
    for (var value : values.values()) {
      total += bytes(value.text());
    }
    if (total > TOTAL_LIMIT || values.size() > 1_000) {
      throw Refusal.bad(
          "too-much-config",
          "a stack has at most 1000 values and %d bytes of them".formatted(TOTAL_LIMIT),
          "keep large things elsewhere, and configure where");
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}

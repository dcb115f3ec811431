package dev.widemesh.controller;

import dev.widemesh.api.Role;
import dev.widemesh.api.Route;
import java.util.List;

/// Who may do what. Denied unless the route's role says otherwise; an environment of others is not
/// there at all.
final class Access {
  private static final List<String> RANKS = List.of("viewer", "deployer", "owner");

  private final Environments environments;

  Access(Environments environments) {
    this.environments = environments;
  }

  void check(Route route, Caller caller, String environment) {
    switch (route.role()) {
      case ANYONE -> {}
      case ACCOUNT -> require(caller instanceof Caller.Person, caller);
      case ADMIN -> require(caller instanceof Caller.Person person && person.admin(), caller);
      case VIEWER, DEPLOYER, OWNER -> inEnvironment(route.role(), caller, environment);
      case GATEWAY -> require(caller instanceof Caller.Gateway, caller);
      case BUILDER -> require(caller instanceof Caller.Builder, caller);
      case RACK -> require(caller instanceof Caller.Rack, caller);
    }
  }

  private static void require(boolean allowed, Caller caller) {
    if (caller instanceof Caller.Nobody) {
      throw Refusal.unauthenticated();
    }
    if (!allowed) {
      throw Refusal.forbidden("this token is not for that", "use a token with the right role");
    }
  }

  private void inEnvironment(Role needed, Caller caller, String environment) {
    require(caller instanceof Caller.Person, caller);
    if (caller instanceof Caller.Person person) {
      environments.require(person, environment, needed);
    }
  }

  /// Whether a membership with this word is enough.
  static boolean suffices(String membership, Role needed) {
    return switch (needed) {
      case VIEWER -> true;
      case DEPLOYER -> RANKS.indexOf(membership) >= 1;
      case OWNER -> RANKS.indexOf(membership) >= 2;
      case ANYONE, ACCOUNT, ADMIN, GATEWAY, BUILDER, RACK -> false;
    };
  }
}

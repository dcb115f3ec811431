package dev.widemesh.api;

/// What a caller must be for a route. Denied by default: a route without one does not exist.
public enum Role {
  /// Nobody in particular.
  ANYONE,
  /// Any account.
  ACCOUNT,
  /// May look at the environment in the path.
  VIEWER,
  /// May deploy to it and change its stacks.
  DEPLOYER,
  /// May delete it.
  OWNER,
  ADMIN,
  /// The git gateway's own credential.
  GATEWAY,
  /// A builder's own credential.
  BUILDER,
  /// A rack's own credential.
  RACK
}

package dev.widemesh.api;

import java.io.IOException;

/// What a registry gives, or names, is not what it may be: it has another hash than the digest it
/// was asked for by, or is larger, or elsewhere.
public final class WrongContent extends IOException {
  public WrongContent(String what) {
    super(what);
  }
}

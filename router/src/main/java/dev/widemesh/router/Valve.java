package dev.widemesh.router;

import io.vertx.core.streams.ReadStream;

/// Stops a source, and lets it go on.
interface Valve {
  void shut();

  void open();

  static Valve of(ReadStream<?> source) {
    return new Valve() {
      @Override
      public void shut() {
        source.pause();
      }

      @Override
      public void open() {
        source.resume();
      }
    };
  }
}

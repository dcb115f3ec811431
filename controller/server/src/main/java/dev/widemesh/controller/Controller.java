package dev.widemesh.controller;

import dev.widemesh.model.Sealer;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the platform that knows what should run, and says so to whoever asks.
public final class Controller implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Controller.class);
  private static final long START_SECONDS = 60;
  private static final long STOP_SECONDS = 10;

  private final Vertx vertx;
  private final int port;

  private Controller(Vertx vertx, int port) {
    this.vertx = vertx;
    this.port = port;
  }

  /// Answers once it listens: the schema is up to date, and no other controller is active.
  public static Controller start(ControllerConfig config) {
    Migrations.run(config.databaseUrl());
    var clock = InstantSource.system();
    var certificates = new CertificateAuthority(config.ca(), config.domain(), clock);
    certificates.renew();
    var parts = new Parts(config, sealer(config), certificates, clock);
    var vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(2));
    try {
      var options = new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD);
      var _ = vertx.deployVerticle(parts, options).await(START_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      var _ = vertx.close();
      throw new IllegalStateException("the controller did not start in " + START_SECONDS + " s", e);
    } catch (RuntimeException e) {
      var _ = vertx.close();
      throw e;
    }
    log.info("the controller listens on {}:{}", config.listen(), parts.port());
    return new Controller(vertx, parts.port());
  }

  private static Sealer sealer(ControllerConfig config) {
    try {
      return Sealer.fromFile(config.sealKey());
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the key file " + config.sealKey(), e);
    }
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    try {
      var _ = vertx.close().await(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      log.warn("the controller did not stop in {} s", STOP_SECONDS);
    }
  }
}

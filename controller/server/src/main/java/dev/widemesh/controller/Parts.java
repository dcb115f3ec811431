package dev.widemesh.controller;

import dev.widemesh.model.Sealer;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The parts of a controller, on one virtual-thread context: between two waits they have it alone.
final class Parts extends AbstractVerticle {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private final ControllerConfig config;
  private final Sealer sealer;
  private final CertificateAuthority certificates;
  private final InstantSource clock;
  private volatile Runnable stop = () -> {};
  private volatile int port;

  Parts(
      ControllerConfig config,
      Sealer sealer,
      CertificateAuthority certificates,
      InstantSource clock) {
    this.config = config;
    this.sealer = sealer;
    this.certificates = certificates;
    this.clock = clock;
  }

  int port() {
    return port;
  }

  @Override
  public void start() {
    var lock = new ActiveLock(vertx, config.databaseUrl());
    var database = new Database(vertx, config.databaseUrl());
    database.fencedBy(lock.take());
    var signals = new Signals();
    var sightings = new Sightings(clock);
    var tokens = new Tokens(database);
    tokens.bootstrap(config);
    new Aliases(database, config).follow();
    var definitions = new Definitions(sealer);
    var rollout = new Rollout(config, sealer, definitions, clock);
    var environments = new Environments(database, config, signals);
    var deployments = new Deployments(database, config, signals, clock);
    var racks = new Racks(database, signals, sightings, definitions, certificates);
    var surveys = new Surveys(racks, signals, clock);
    var looks = new SignatureLooks(surveys, clock);
    var engine =
        new Engine(database, signals, sightings, rollout, definitions, looks, config, clock);
    var registries = new Registries(database, sealer, new LoginTrials(surveys));
    var builds =
        new BuildDesk(database, signals, sightings, rollout, engine, sealer, registries, clock);
    var operations = new Operations(database);
    var overview = new Overview(database, sightings);
    var desk =
        new Desk(
            overview,
            new Accounts(database),
            environments,
            new Stacks(database, config, signals),
            new Configurations(database, sealer, deployments),
            new Buildpacks(database),
            new StackBuilders(database),
            registries,
            new Services(database, config, signals, sightings, deployments),
            deployments,
            new Followers(database, config, signals),
            new LogQuestions(database, racks, signals, clock),
            new GitDesk(database, config, signals, deployments, clock),
            builds,
            racks,
            surveys,
            new Sboms(database, surveys),
            new Doctor(database, definitions, surveys, overview, signals, clock));
    operations.sweep();
    builds.extendLeases();
    listen(new HttpEdge(tokens, new Access(environments), operations, desk));
    context.runOnContext(_ -> engine.run());
    renewHourly(signals);
    stop =
        () -> {
          engine.close();
          lock.close();
          database.close();
        };
  }

  private void listen(HttpEdge edge) {
    var options =
        new HttpServerOptions()
            .setHost(config.listen())
            .setPort(config.port())
            .setMaxHeaderSize(16_384)
            .setMaxInitialLineLength(8_192)
            .setHttp2ClearTextEnabled(false)
            .setTcpKeepAlive(true);
    var clients = new Clients();
    clients.watch(vertx);
    var router = edge.router(vertx);
    var server =
        vertx
            .createHttpServer(options)
            .connectionHandler(clients::came)
            .requestHandler(
                request -> {
                  clients.asks(request);
                  router.handle(request);
                });
    port = server.listen().await().actualPort();
  }

  private void renewHourly(Signals signals) {
    vertx.setPeriodic(
        HOUR,
        _ -> {
          try {
            Callable<Boolean> renewal =
                () -> {
                  certificates.renew();
                  return true;
                };
            vertx.executeBlocking(renewal).await();
            signals.fire(Signals.rack(config.rack()));
          } catch (RuntimeException e) {
            log.error("cannot renew the platform's certificate", e);
          }
        });
  }

  @Override
  public void stop() {
    stop.run();
  }
}

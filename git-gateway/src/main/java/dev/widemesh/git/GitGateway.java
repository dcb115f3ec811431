package dev.widemesh.git;

import dev.widemesh.api.ApiClient;
import dev.widemesh.api.Route;
import dev.widemesh.api.SurveyLoop;
import dev.widemesh.builder.Sources;
import java.io.IOException;

/// The SSH door for `git push`, `clone` and `fetch`, and the keeper of the repositories behind it.
public final class GitGateway implements AutoCloseable {
  private final SshDoor door;
  private final ProjectionLoop projections;
  private final NightlyGc gc;
  private final Sources sources;
  private final SurveyLoop surveys;

  private GitGateway(
      SshDoor door, ProjectionLoop projections, NightlyGc gc, Sources sources, SurveyLoop surveys) {
    this.surveys = surveys;
    this.door = door;
    this.projections = projections;
    this.gc = gc;
    this.sources = sources;
  }

  /// Leftovers of a crash are swept before anybody can connect.
  public static GitGateway start(GitGatewayConfig config) throws IOException {
    return start(config, Pulse.Pace.NORMAL);
  }

  static GitGateway start(GitGatewayConfig config, Pulse.Pace pace) throws IOException {
    IsolatedJGit.prepare(config.data());
    var repositories = Repositories.open(config.data());
    var api = new ApiClient(config.controller(), config.token());
    var controller = new Controller(api);
    var projector = new Projector(repositories, controller);
    var hostKey = HostKey.in(config.data());
    var door =
        SshDoor.open(
            config.listen(),
            config.port(),
            hostKey,
            repositories,
            controller,
            projector,
            pace,
            config.limits());
    return new GitGateway(
        door,
        ProjectionLoop.start(projector, controller),
        NightlyGc.start(repositories),
        new RepositorySources(repositories),
        SurveyLoop.start(
            api,
            Route.GIT_QUESTIONS,
            Route.GIT_SURVEY,
            1,
            _ -> Surveyor.survey(repositories, config.data())));
  }

  /// Where it listens.
  public int port() {
    return door.port();
  }

  /// The commits of the repositories, for the builder.
  public Sources sources() {
    return sources;
  }

  /// Clients that watch a deployment are told that it goes on; then their sessions end.
  @Override
  public void close() {
    surveys.close();
    door.close();
    projections.close();
    gc.close();
  }
}

package dev.widemesh.cli;

import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.Route;
import dev.widemesh.api.Views.DeployImage;
import dev.widemesh.api.Views.Stack;
import dev.widemesh.model.ImageReference;
import dev.widemesh.model.SourcePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class Deploy implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description =
          "The folder to deploy, as it is: what .gitignore and .meshignore name stays out."
              + " Default: where you stand.")
  @Nullable String folder;

  @Option(
      names = "--image",
      paramLabel = "REF",
      description =
          "An image that exists, instead of a folder: ghcr.io/ada/shop:1.2. A private one needs"
              + " mesh registry login.")
  @Nullable String image;

  @Option(
      names = "--commit",
      paramLabel = "SHA",
      description =
          "A commit of the git repository where you stand, instead of what lies there; a tag or a"
              + " branch will do.")
  @Nullable String commit;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description =
          "The folder in it that is the app, for this deployment alone; mesh stack update --root"
              + " chooses it for good.")
  @Nullable String root;

  @Mixin final DeployFormula formula = new DeployFormula();
  @Mixin final Detach detach = new Detach();
  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var deployment = image == null ? upload(mesh) : take(mesh, image);
    return format.json ? json(mesh, deployment) : detach.end(mesh, deployment);
  }

  private DeploymentView upload(Session mesh) throws IOException {
    if (commit != null && folder != null) {
      throw Refusal.usage(
          "a commit is all of its repository, and no folder",
          "mesh deploy --commit SHA --root DIR");
    }
    var path = folder(mesh);
    var options = options();
    var stack = stack(mesh);
    String sent;
    try (var source =
        commit == null ? FolderCommit.of(mesh, path) : FolderCommit.inRepository(mesh, path)) {
      sent = commit == null ? source.make() : source.find(commit);
      new Upload(mesh, source, remote(mesh, stack), options).send(sent);
    }
    return deployment(mesh, stack, sent);
  }

  private DeploymentView take(Session mesh, String image) {
    if (folder != null || commit != null || root != null || formula.isChosen()) {
      throw Refusal.usage(
          "an image is no folder or commit, and is not built", "mesh deploy --image REF");
    }
    Target.check(ImageReference.refusal(image), "write it like ghcr.io/ada/shop:1.2");
    var path = Route.DEPLOY_IMAGE.with(target.environment(mesh), target.stack(mesh));
    return mesh.controller().send("POST", path, new DeployImage(image), DeploymentView.class);
  }

  private List<String> options() {
    var options = new ArrayList<String>();
    if (root != null) {
      Target.check(SourcePath.refusal(root), "write it like services/api, without '..'");
      options.add("root=" + new SourcePath(root));
    }
    options.addAll(formula.options());
    return options;
  }

  private Path folder(Session mesh) throws IOException {
    var path = mesh.path(folder == null ? "." : folder);
    if (!Files.isDirectory(path)) {
      throw new Refusal(ExitCode.LOCAL, "there is no folder " + path, usage());
    }
    return path.toRealPath();
  }

  /// What stands behind `--dockerfile` may have been meant as its path.
  private String usage() {
    return !formula.namesDockerfile() || folder == null
        ? "mesh deploy DIR"
        : "mesh deploy DIR, or mesh deploy --dockerfile=%s for a Dockerfile there"
            .formatted(folder);
  }

  private Stack stack(Session mesh) {
    var path = Route.GET_STACK.with(target.environment(mesh), target.stack(mesh));
    return mesh.controller().get(path, Stack.class);
  }

  /// In the user's own spelling, where that is the same place.
  private static String remote(Session mesh, Stack stack) {
    var own = mesh.repository().remote();
    var there = own.flatMap(StackRemote::parse);
    if (there.isPresent() && there.equals(StackRemote.parse(stack.remote()))) {
      return own.orElseThrow();
    }
    var name = new Place(stack.environment(), stack.name());
    there
        .filter(remote -> remote.place().equals(name))
        .ifPresent(
            remote ->
                mesh.note(
                    ("Not to the git remote 'widemesh' (its host '%s' is another platform, or an alias"
                            + " of your SSH), but to %s")
                        .formatted(remote.host(), stack.remote())));
    return stack.remote();
  }

  private static DeploymentView deployment(Session mesh, Stack stack, String commit) {
    var path = Route.LIST_DEPLOYMENTS.with(stack.environment(), stack.name());
    return Arrays.stream(mesh.controller().get(path, DeploymentView[].class))
        .filter(each -> commit.equals(each.commit()))
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal(
                    ExitCode.BROKEN,
                    "it was sent, but no deployment came of it",
                    "mesh deployments ls"));
  }

  /// Its output is for people then.
  private ExitCode json(Session mesh, DeploymentView deployment) throws IOException {
    var aside = new Session(mesh.terminal().aside(), mesh.environment(), mesh.directory());
    try {
      return detach.end(aside, deployment);
    } finally {
      var path =
          Route.GET_DEPLOYMENT.with(
              deployment.environment(), deployment.stack(), String.valueOf(deployment.version()));
      mesh.terminal().json(mesh.controller().get(path, DeploymentView.class));
    }
  }
}

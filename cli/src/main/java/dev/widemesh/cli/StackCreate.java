package dev.widemesh.cli;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views.CreateStack;
import dev.widemesh.api.Views.Stack;
import dev.widemesh.model.SourcePath;
import dev.widemesh.model.StackName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class StackCreate implements Command {
  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Unique in its environment. Default: --stack, else the repository's folder.")
  @Nullable String name;

  @ArgGroup @Nullable Formula formula;

  @Mixin final StageOption stage = new StageOption();

  @Option(names = "--branch", paramLabel = "BRANCH", description = "The branch that deploys.")
  @Nullable String branch;

  @Option(names = "--root", paramLabel = "DIR", description = StackUpdate.ROOT)
  @Nullable String root;

  @Option(names = "--force", description = "Let the git remote 'widemesh' point here from now on.")
  boolean force;

  @Option(names = "--no-remote", description = "Leave the git repository alone.")
  boolean noRemote;

  @Mixin final Target target = new Target();
  @Mixin final Format format = new Format();

  static final class Formula {
    @Option(names = "--buildpack", description = "Build it with buildpacks.")
    boolean buildpack;

    @Option(
        names = "--dockerfile",
        arity = "0..1",
        fallbackValue = OwnDockerfile.USUAL,
        preprocessor = OwnDockerfile.class,
        paramLabel = "PATH",
        description = "Build it with its Dockerfile, or with the one that lies there.")
    @Nullable String dockerfile;

    boolean isBuildpack() {
      return dockerfile == null;
    }

    String word() {
      return dockerfile == null ? "buildpack" : "dockerfile";
    }

    @Nullable String path() {
      if (dockerfile != null) {
        Target.check(SourcePath.refusal(dockerfile), "write it like docker/web.Dockerfile");
      }
      return dockerfile;
    }
  }

  @Override
  public ExitCode run(Session mesh) {
    var word = formula == null ? null : formula.word();
    var file = formula == null ? null : formula.path();
    var staged = stage.chosen(formula != null && formula.isBuildpack());
    var request = new CreateStack(name(mesh), word, branch, root, file, staged);
    var path = Route.CREATE_STACK.with(target.environment(mesh));
    var made = mesh.controller().send("POST", path, request, Stack.class);
    if (format.json) {
      mesh.terminal().json(made);
    } else {
      mesh.say("Made stack %s in environment %s.".formatted(made.name(), made.environment()));
    }
    if (!noRemote) {
      connect(mesh, made);
    }
    return ExitCode.OK;
  }

  private String name(Session mesh) {
    return Optional.ofNullable(name)
        .or(target::stackOption)
        .or(() -> folder(mesh))
        .map(Target::checkedStack)
        .orElseThrow(() -> Refusal.usage("what is the stack's name?", "mesh stack create NAME"));
  }

  private static Optional<String> folder(Session mesh) {
    return mesh.repository()
        .root()
        .map(root -> root.getFileName().toString())
        .filter(folder -> StackName.parse(folder).isPresent());
  }

  private void connect(Session mesh, Stack made) {
    var repository = mesh.repository();
    if (repository.root().isEmpty()) {
      mesh.note("Next, in its git repository: git remote add widemesh " + made.remote());
      return;
    }
    var present = repository.remote();
    if (present.isEmpty()) {
      repository.addRemote(made.remote());
    } else if (!present.get().equals(made.remote())) {
      replace(mesh, repository, present.get(), made);
      return;
    }
    mesh.note("The git remote 'widemesh' points to it.");
    next(mesh, repository, made);
  }

  private void replace(Session mesh, GitRepository repository, String present, Stack made) {
    if (force) {
      repository.replaceRemote(made.remote());
      mesh.note("The git remote 'widemesh' points to it now, no longer to " + present + ".");
      next(mesh, repository, made);
    } else {
      mesh.note("The git remote 'widemesh' still points to " + present + ".");
      mesh.note("To change that: git remote set-url widemesh " + made.remote());
    }
  }

  private static void next(Session mesh, GitRepository repository, Stack made) {
    var here = repository.branch().orElse(made.branch());
    var refspec = here.equals(made.branch()) ? here : here + ":" + made.branch();
    mesh.note("Next: git push widemesh " + refspec);
  }
}

package dev.widemesh.builder;

import dev.widemesh.api.BuildWire.Built;
import dev.widemesh.api.BuildWire.Job;
import dev.widemesh.builder.lifecycle.WorkFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// A workshop for all tests of a class, and the first build in it. That fetches what the language
/// needs; all others of its stack find it in the cache. Tests ask by parameter for the [Workshop],
/// the first [Job], and what was [Built] of it.
final class FirstBuild implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  interface Tree {
    Path in(Workshop workshop) throws Exception;
  }

  private record Done(Path folder, Workshop workshop, Job job, Built built) {
    Object of(Class<?> type) {
      return type == Workshop.class ? workshop : type == Job.class ? job : built;
    }
  }

  private final String stack;
  private final Tree tree;
  private Optional<Done> done = Optional.empty();

  FirstBuild(String stack, String fixture) {
    this(stack, workshop -> workshop.checkout(fixture));
  }

  FirstBuild(String stack, Tree tree) {
    this.stack = stack;
    this.tree = tree;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    var folder = Files.createTempDirectory("workshop");
    var workshop = new Workshop(folder);
    try {
      var job = workshop.job(stack, tree.in(workshop));
      done = Optional.of(new Done(folder, workshop, job, workshop.build(job)));
    } finally {
      if (done.isEmpty()) {
        close(workshop, folder);
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (done.isPresent()) {
      close(done.get().workshop, done.get().folder);
    }
  }

  /// What another workshop makes of the same commit, with nothing that this one made.
  Built elsewhere() throws Exception {
    var job = done.orElseThrow().job;
    var folder = Files.createTempDirectory("elsewhere");
    try (var other = Workshop.ofItsOwn(folder)) {
      other.sources.commit(tree.in(other), job.commit(), "");
      return other.build(job);
    } finally {
      WorkFolders.delete(folder);
    }
  }

  private static void close(Workshop workshop, Path folder) throws Exception {
    try {
      workshop.close();
    } finally {
      WorkFolders.delete(folder);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    var type = parameter.getParameter().getType();
    return type == Workshop.class || type == Job.class || type == Built.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return done.orElseThrow().of(parameter.getParameter().getType());
  }
}

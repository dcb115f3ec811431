package dev.widemesh.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// Every place between two steps of which only one may have happened when the power goes. A test
/// halts a process there, as `kill -9` would, and looks at what the next start makes of it.
///
/// Off unless the platform was started with `WIDEMESH_FAILPOINTS` naming a file: then whoever
/// passes the point that the file names (one line, `NAME halt`) halts, once. The file is renamed to
/// `<file>.halted` just before.
// When adding a step that is written down anywhere: add the point after it, pass it in the code,
// and
// say in docs/reliability.md what a restart makes of it. A test goes through all of them.
public enum Failpoint {
  // The git gateway takes a push.
  PUSH_RECEIVED("control", "all objects lie in the quarantine", "nothing is left of the push"),
  PUSH_PACK_LINKED("control", "the pack is in the repository, its index not", "the pack is swept"),
  PUSH_KEPT("control", "the objects are in the repository, no ref names them", "gc takes them"),
  PUSH_HIDDEN("control", "the hidden ref exists, the queue's row not", "the ref is dropped"),
  PUSH_QUEUED("control", "the row exists, the client was not told", "it is built and goes live"),
  BRANCH_MOVED("control", "the branch moved, hidden refs not yet", "the refs are projected again"),
  LFS_FILE_KEPT("control", "an LFS file is there, its client was not told", "it is not sent again"),
  REPOSITORY_ASIDE("control", "a deleted stack's repository is moved away", "it is swept"),

  // The builder makes an image.
  BUILD_CLAIMED("control", "the builder has the build", "the lease ends, it is built again"),
  SOURCE_EXPORTED("control", "the work folder is full", "it is swept, and built again"),
  BUILD_CONTAINER_MADE("control", "the build's container was never started", "it is swept"),
  BUILD_ASSEMBLED("control", "the layers are written, none is pushed", "it is built again"),
  LAYERS_PATCHED("control", "changed files are in new layers, none is pushed", "it is made again"),
  BLOB_KEPT("control", "a blob lies in the registry, no repository has it", "it is linked later"),
  MANIFEST_KEPT("control", "the manifest is stored but not linked", "it is pushed again"),
  IMAGE_PUSHED("control", "the image is whole in the registry", "built again, to the same digest"),
  CACHE_LAYER_MOVED(
      "control",
      "a layer is in the cache, the index lacks it",
      "it is swept; what else the build had as links goes too: it may have been written to"),
  CACHE_KEPT("control", "image and cache are whole, the controller was not told", "built again"),
  BASE_NOTED(
      "control", "a base image is noted, it is not pulled", "it is pulled, or the note goes"),
  DOCKERFILE_STEP_RUNS("control", "a step of a Dockerfile runs", "it is removed, and built again"),
  DOCKERFILE_BUILT("control", "the engine has the image, the registry not", "it is built again"),
  DOCKERFILE_PUSHED("control", "the registry has the engine's image, not ours", "built again"),
  DOCKERFILE_CACHED(
      "control", "the stack's cache is noted, older steps are there", "they are swept"),
  BILL_ATTACHED("control", "the image has a bill of materials, no statement", "both are made soon"),
  BUILD_REPORTED("control", "the controller has the result", "the roll-out goes on"),

  // The controller brings a deployment to its end; each is just after a transaction.
  PUSH_STORED("control", "the push is a row, the gateway has no answer", "it asks again, or drops"),
  BUILD_LEASED("control", "the row is leased, no builder was told", "the lease ends"),
  RESULT_STORED("control", "the build's result is a row", "the roll-out goes on"),
  ROLLOUT_BEGUN("control", "what will run is decided", "the rack hears it when it connects"),
  PREPARED("control", "the release command succeeded", "the instances start, it is not run again"),
  COMMITTING("control", "every instance is ready, nothing is live yet", "it is committed"),
  COMMITTED("control", "the new version is live, the rack does not know", "the rack hears it"),
  ANNOUNCED("control", "every router serves it, followers were not told", "nothing is left to do"),
  ROLLOUT_FAILED("control", "the deployment failed, its instances still run", "they are removed"),
  DEFINITION_SENT("control", "the rack was told", "it is told again"),
  ENVIRONMENT_DELETED("control", "its stacks are gone, its network not", "the rack clears it away"),
  ENVIRONMENT_FORGOTTEN("control", "its row is gone, the rack was not told", "the rack forgets it"),

  // The rack-runner makes it so.
  DEFINITION_STORED("rack-runner", "the definition is on disk", "it is acted on"),
  SUBNET_TAKEN("rack-runner", "the range is taken, Docker has no network", "the network is made"),
  NETWORK_MADE("rack-runner", "the network exists, its name server file not", "it is written"),
  ADDRESS_TAKEN("rack-runner", "an address is taken, no container has it", "it is free again"),
  CONTAINER_CREATED("rack-runner", "the container was never started", "it is started"),
  CONTAINER_STARTED(
      "rack-runner", "the container runs, nobody noted it", "it is found by its labels"),
  TABLE_STORED("rack-runner", "the route table is on disk", "the routers pull it"),
  DRAINED(
      "rack-runner", "nothing is in flight at an old instance", "it is drained and stopped again"),
  SIGTERM_SENT("rack-runner", "an old instance was told to end", "it is told again"),
  LAST_LINE_READ("rack-runner", "an ended container's log is stored", "it is not stored twice"),
  CONTAINER_REMOVED(
      "rack-runner", "the container is gone, its address not", "the address is freed"),
  NETWORK_REMOVED("rack-runner", "a deleted environment's network is gone", "the rest goes too"),

  // The router serves.
  TABLE_USED("router", "requests go by a table that is not on disk", "it is pulled again"),
  SNAPSHOT_WRITTEN("router", "the table is on disk, the rack was not told", "it is acknowledged");

  private static final Optional<Path> FILE =
      Optional.ofNullable(System.getenv("WIDEMESH_FAILPOINTS")).map(Path::of);
  private static final int KILLED = 137;

  private final String process;
  private final String now;
  private final String afterwards;

  Failpoint(String process, String now, String afterwards) {
    this.process = process;
    this.now = now;
    this.afterwards = afterwards;
  }

  /// The process that passes it.
  public String process() {
    return process;
  }

  /// What is so at this point.
  public String now() {
    return now;
  }

  /// What the next start makes of it.
  public String afterwards() {
    return afterwards;
  }

  /// Goes on, unless the file says otherwise.
  public void pass() {
    if (FILE.isPresent() && isArmed(FILE.get())) {
      Runtime.getRuntime().halt(KILLED);
    }
  }

  private boolean isArmed(Path file) {
    try {
      if (!Files.readString(file).strip().equals(name() + " halt")) {
        return false;
      }
      var halted = file.resolveSibling(file.getFileName() + ".halted");
      Files.move(file, halted, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException _) {
      return false; // Off, or somebody else was first.
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the failpoints in " + file, e);
    }
  }
}

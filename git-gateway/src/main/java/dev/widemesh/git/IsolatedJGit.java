package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/// Keeps JGit from reading the machine's git configuration, from starting `git`, and from writing
/// into the home directory; and begins its slow first measurements (of the file system's clock)
/// before the first push. Until they are done JGit only looks at files more often.
final class IsolatedJGit extends SystemReader.Delegate {
  private IsolatedJGit(SystemReader real) {
    super(real);
  }

  static void prepare(Path data) throws IOException {
    prepare(data, true);
  }

  /// For a process that is over soon: returns when all is measured, and leaves no file of that.
  static void prepareNow(Path scratch) throws IOException {
    prepare(scratch, false);
  }

  private static synchronized void prepare(Path data, boolean background) throws IOException {
    Files.createDirectories(data);
    if (!(SystemReader.getInstance() instanceof IsolatedJGit)) {
      SystemReader.setInstance(new IsolatedJGit(SystemReader.getInstance()));
    }
    FS.FileStoreAttributes.setBackground(background);
    FS.getFileStoreAttributes(data);
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fs) {
    return new Nothing(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return new Nothing(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    return new Nothing(parent, fs);
  }

  @Override
  public StoredConfig getUserConfig() {
    return nothing();
  }

  @Override
  public StoredConfig getSystemConfig() {
    return nothing();
  }

  @Override
  public StoredConfig getJGitConfig() {
    return nothing();
  }

  private static StoredConfig nothing() {
    return new Nothing(new Config(), FS.DETECTED);
  }

  /// A configuration without a file.
  private static final class Nothing extends FileBasedConfig {
    Nothing(Config parent, FS fs) {
      super(parent, Path.of("/dev/null").toFile(), fs);
    }

    @Override
    public void load() {
      // there is nothing to load
    }

    @Override
    public void save() {
      // JGit stores what it measured; measuring again at the next start is cheap enough
    }

    @Override
    public boolean isOutdated() {
      return false;
    }
  }
}

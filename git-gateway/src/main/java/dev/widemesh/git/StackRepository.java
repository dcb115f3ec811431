package dev.widemesh.git;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.internal.storage.file.FileRepository;

/// One stack's repository. Everything that changes it, garbage collection too, happens under its
/// lock.
record StackRepository(Path folder, ReentrantLock lock, LfsRoom lfs) {
  /// Something done with the open repository.
  interface Work<T> {
    T in(FileRepository repository) throws IOException;
  }

  <T> T read(Work<T> work) throws IOException {
    try (var repository = BareRepository.open(folder)) {
      return work.in(repository);
    }
  }

  <T> T change(Work<T> work) throws IOException {
    lock.lock();
    try {
      return read(work);
    } finally {
      lock.unlock();
    }
  }

  Path objects() {
    return folder.resolve("objects");
  }
}

package dev.widemesh.allinone.backup;

import java.io.IOException;

/// The file is not what a backup wrote.
public final class DamagedBackup extends IOException {
  private static final long serialVersionUID = 1L;

  DamagedBackup(String message) {
    super(message);
  }
}

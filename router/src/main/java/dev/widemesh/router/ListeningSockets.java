package dev.widemesh.router;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The TCP sockets on which this process takes connections. They share their ports (SO_REUSEPORT):
/// while two routers run, the kernel gives each new connection to one of them.
final class ListeningSockets {
  private static final Path TABLES = Path.of("/proc/self/net");
  private static final Path MINE = Path.of("/proc/self/fd");
  private static final Path MIGRATION = Path.of("/proc/sys/net/ipv4/tcp_migrate_req");
  private static final String LISTEN = "0A";
  private static final int STATE = 3;
  private static final int INODE = 9;

  /// See shutdown(2).
  private static final int SHUT_RD = 0;

  private ListeningSockets() {}

  /// Connections that wait to be taken when we stop listening go over to the other router instead
  /// of being reset (Linux 5.14, ip-sysctl). Without it a few of them might be.
  static void migrateWhatWaits() throws IOException {
    if (Files.isWritable(MIGRATION)) {
      Files.writeString(MIGRATION, "1\n");
    }
  }

  /// Takes no more connections. Those that were taken go on.
  static void stop() throws IOException {
    var listening = inodes();
    for (var descriptor : descriptors(listening)) {
      shutDown(descriptor);
    }
  }

  private static Set<String> inodes() throws IOException {
    var inodes = new HashSet<String>();
    for (var table : List.of("tcp", "tcp6")) {
      var file = TABLES.resolve(table);
      if (Files.exists(file)) {
        for (var line : Files.readAllLines(file)) {
          var fields = line.strip().split("\\s+", -1);
          if (fields.length > INODE && fields[STATE].equals(LISTEN)) {
            inodes.add("socket:[" + fields[INODE] + "]");
          }
        }
      }
    }
    return inodes;
  }

  private static List<Integer> descriptors(Set<String> sockets) throws IOException {
    var found = new ArrayList<Integer>();
    try (var all = Files.newDirectoryStream(MINE)) {
      for (var descriptor : all) {
        if (sockets.contains(target(descriptor))) {
          found.add(Integer.valueOf(descriptor.getFileName().toString()));
        }
      }
    }
    return found;
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException _) {
      return ""; // closed meanwhile
    }
  }

  private static void shutDown(int descriptor) {
    try {
      var _ = (int) nativeShutdown().invokeExact(descriptor, SHUT_RD);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot stop listening", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle nativeShutdown() {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("shutdown"),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  }
}

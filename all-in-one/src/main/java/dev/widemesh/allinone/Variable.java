package dev.widemesh.allinone;

import java.util.Arrays;
import java.util.List;

/// What an operator sets by the environment of `./widemesh up`; README.md says what each means.
enum Variable {
  BASE_IMAGES,
  BUILDPACK_HOSTS,
  BUILDKIT,
  BUILD_CACHE,
  BUILD_CPUS,
  BUILD_DISK,
  BUILD_MEMORY,
  BUILD_PROCESSES,
  BUILD_TIME,
  CACHE,
  CA_BUNDLE,
  DATABASE_URL,
  DEBIAN_MIRROR,
  DOMAIN,
  FAILPOINTS,
  GRADLE_MIRROR,
  INSTANCE_DISK,
  MAVEN_MIRROR,
  MAX_FILE_MB,
  MAX_PUSH_MB,
  NPM_MIRROR,
  PYPI_MIRROR,
  READY_WITHIN,
  REGISTRIES;

  static final String PREFIX = "WIDEMESH_";

  static List<String> spellings() {
    return Arrays.stream(values()).map(Variable::toString).toList();
  }

  @Override
  public String toString() {
    return PREFIX + name();
  }
}

package dev.widemesh.allinone;

import dev.widemesh.model.Failpoint;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A process is killed at every failpoint there is, while an app is used.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Tag("nightly")
@Tag("DEP-13")
@Tag("alone")
class EveryFailpointTest {
  private static Drill drill;

  @BeforeAll
  static void start() throws IOException {
    drill = Drill.start();
  }

  @AfterAll
  static void stop() throws IOException {
    try {
      drill.pushGoesLive();
    } finally {
      drill.close();
    }
  }

  static Set<Failpoint> gateway() {
    return EnumSet.range(Failpoint.PUSH_RECEIVED, Failpoint.REPOSITORY_ASIDE);
  }

  static Set<Failpoint> builder() {
    return EnumSet.range(Failpoint.BUILD_CLAIMED, Failpoint.BUILD_REPORTED);
  }

  static Set<Failpoint> controller() {
    return EnumSet.range(Failpoint.PUSH_STORED, Failpoint.ENVIRONMENT_FORGOTTEN);
  }

  static Set<Failpoint> rack() {
    return EnumSet.range(Failpoint.DEFINITION_STORED, Failpoint.NETWORK_REMOVED);
  }

  static Set<Failpoint> router() {
    return EnumSet.range(Failpoint.TABLE_USED, Failpoint.SNAPSHOT_WRITTEN);
  }

  @ParameterizedTest
  @MethodSource("gateway")
  void in_the_git_gateway(Failpoint point) throws Exception {
    drill.at(point);
  }

  @ParameterizedTest
  @MethodSource("builder")
  void in_the_builder(Failpoint point) throws Exception {
    drill.at(point);
  }

  @ParameterizedTest
  @MethodSource("controller")
  void in_the_controller(Failpoint point) throws Exception {
    drill.at(point);
  }

  @ParameterizedTest
  @MethodSource("rack")
  void in_the_rack_runner(Failpoint point) throws Exception {
    drill.at(point);
  }

  @ParameterizedTest
  @MethodSource("router")
  void in_the_router(Failpoint point) throws Exception {
    drill.at(point);
  }
}

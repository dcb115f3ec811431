package dev.widemesh.allinone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The arrows of ARCHITECTURE.md.
@AnalyzeClasses(packages = "dev.widemesh", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule modules_have_no_cycles =
      slices().matching("dev.widemesh.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule the_model_knows_only_the_jdk =
      classes()
          .that()
          .resideInAPackage("dev.widemesh.model..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("dev.widemesh.model..", "java..", "javax.crypto..", "org.jspecify..");

  @ArchTest
  static final ArchRule the_wire_knows_only_the_model =
      only("dev.widemesh.api..", "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_controller_is_known_by_the_launcher_alone =
      only("dev.widemesh.controller..", "dev.widemesh.api..", "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_builder_stands_on_the_wire =
      only("dev.widemesh.builder..", "dev.widemesh.api..", "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_gateway_stands_on_the_builder =
      only(
          "dev.widemesh.git..",
          "dev.widemesh.builder",
          "dev.widemesh.api..",
          "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_rack_runner_stands_on_the_wire =
      only("dev.widemesh.rack..", "dev.widemesh.api..", "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_router_stands_on_the_wire =
      only("dev.widemesh.router..", "dev.widemesh.api..", "dev.widemesh.model..");

  @ArchTest
  static final ArchRule the_cli_stands_on_the_wire =
      only("dev.widemesh.cli..", "dev.widemesh.api..", "dev.widemesh.model..");

  /// Docker below 29.5.1 unpacks what is not plain tar with programs out of the container.
  @ArchTest
  static final ArchRule nothing_is_copied_by_host_resource =
      noClasses()
          .should()
          .callMethodWhere(
              com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                  com.tngtech.archunit.core.domain.properties.HasName.Predicates.name(
                      "withHostResource")));

  /// Two with one number would only be found when a controller starts.
  @ArchTest
  static void every_migration_has_a_number_of_its_own(JavaClasses all) throws IOException {
    var folder =
        Path.of(System.getProperty("widemesh.home"))
            .resolve("controller/server/src/main/resources/db");
    try (var files = Files.list(folder)) {
      var numbers =
          files.map(file -> file.getFileName().toString().replaceAll("__.*", "")).toList();
      assertThat(numbers).isNotEmpty().doesNotHaveDuplicates().allMatch(n -> n.matches("V\\d{3}"));
    }
  }

  private static ArchRule only(String module, String... others) {
    var allowed = new java.util.ArrayList<>(java.util.List.of(others));
    allowed.add(module);
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage("dev.widemesh..")
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage(
                            allowed.toArray(String[]::new)))));
  }
}

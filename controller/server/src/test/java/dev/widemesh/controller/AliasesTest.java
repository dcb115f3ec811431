package dev.widemesh.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.widemesh.api.Route;
import dev.widemesh.api.Views;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AliasesTest {
  @Test
  @Tag("END-1")
  void they_follow_the_domain_with_what_is_published_on_them() throws Exception {
    try (var platform = Platform.start()) {
      var stack = platform.stack("shop");
      publish(platform, stack, "shop.widemesh.localhost");
      platform.sql("INSERT INTO endpoint SELECT 'shop.example.org', id FROM environment");
      publish(platform, stack, "shop.example.org");
      var revision = revision(platform);

      platform.restartUnder("apps.example.test");

      assertThat(environment(platform).alias()).isEqualTo("shop.apps.example.test");
      assertThat(environment(platform).url()).isEqualTo("http://shop.apps.example.test:7080/");
      assertThat(platform.read("SELECT string_agg(host, ' ' ORDER BY host) FROM publication"))
          .isEqualTo("shop.apps.example.test shop.example.org");
      assertThat(revision(platform)).as("the rack hears of it").isGreaterThan(revision);

      var moved = revision(platform);
      platform.restart();
      assertThat(revision(platform)).isEqualTo(moved);
      platform.stack("blog");
      assertThat(platform.read("SELECT host FROM endpoint WHERE host LIKE 'blog.%'"))
          .isEqualTo("blog.apps.example.test");
    }
  }

  private static void publish(Platform platform, String stack, String host) throws Exception {
    platform.sql(
        """
        INSERT INTO service (stack, environment, name, hostname, kind, presence)
        SELECT id, environment, 'web', 'shop-web', 'web', 'present' FROM stack
        ON CONFLICT DO NOTHING
        """);
    platform.sql(
        "INSERT INTO publication VALUES ('%s', '/', false, '%s', 'web')".formatted(host, stack));
  }

  private static long revision(Platform platform) throws Exception {
    return Long.parseLong(platform.read("SELECT revision FROM environment WHERE name = 'shop'"));
  }

  private static Views.Environment environment(Platform platform) {
    return platform.admin().get(Route.LIST_ENVIRONMENTS.path(), Views.Environment[].class)[0];
  }
}

package dev.widemesh.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where the settings of a Django app are, and which of them a build takes.
@DisplayNameGeneration(ReplaceUnderscores.class)
class DjangoScriptsTest {
  private static final String NOBODY =
      "Django: neither a wsgi.py nor manage.py names the settings; BP_DJANGO_SETTINGS_MODULE can\n";

  @TempDir Path app;
  @TempDir Path layers;

  private void write(String file, String text) throws Exception {
    var path = app.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")          | shop.settings
          os.environ.setdefault('DJANGO_SETTINGS_MODULE' , 'shop.settings')         | shop.settings
          os.environ.setdefault(\\n    "DJANGO_SETTINGS_MODULE",\\n    "shop.settings"\\n) | shop.settings
          os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"                    | shop.settings
          os.environ['DJANGO_SETTINGS_MODULE']='shop.settings'                      | shop.settings
          #os.environ["DJANGO_SETTINGS_MODULE"] = "old"\\nx("DJANGO_SETTINGS_MODULE", "new") | new
          """)
  void manage_py_names_them(String lines, String settings) throws Exception {
    write("manage.py", "import os\n" + lines.translateEscapes() + "\n");

    assertThat(found("")).isEqualTo("Django: %s (manage.py)\n".formatted(settings));
  }

  @Test
  void an_app_in_which_nothing_names_them_is_told_so_and_built() throws Exception {
    write("manage.py", "import os\n");

    assertThat(found("")).isEqualTo(NOBODY);
    assertThat(found("BP_DJANGO_SETTINGS_MODULE=shop.prod"))
        .isEqualTo("Django: shop.prod (BP_DJANGO_SETTINGS_MODULE)\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          config/wsgi.py=config.production                          | config.production (config/wsgi.py)
          config/asgi.py=config.production                          | config.production (config/asgi.py)
          config/wsgi.py=config.production admin/wsgi.py=admin.only | config.production (config/wsgi.py)
          web/wsgi.py=config.production                             | config.production (web/wsgi.py)
          config/views.py=config.production                         | config.local (manage.py)
          """)
  void what_servers_load_comes_before_manage_py(String files, String settings) throws Exception {
    write("manage.py", setting("config.local"));
    for (var file : files.split(" ", -1)) {
      var parts = file.split("=", 2);
      write(parts[0], setting(parts[1]));
    }

    assertThat(found("")).isEqualTo("Django: " + settings + "\n");
    assertThat(found("BP_DJANGO_SETTINGS_MODULE=config.test"))
        .isEqualTo("Django: config.test (BP_DJANGO_SETTINGS_MODULE)\n");
  }

  @Test
  void both_calls_get_them() throws Exception {
    write("manage.py", setting("config.local"));
    write("config/wsgi.py", setting("config.production"));

    assertThat(
            run(
                """
                mkdir -p src "$layers/bin"
                printf '#!/bin/sh\necho "$DJANGO_SETTINGS_MODULE $PYTHONPATH" | tee -a "$0.asked"' >"$layers/bin/python3"
                chmod +x "$layers/bin/python3"
                PATH=$layers/bin:$PATH
                find_source_folder
                collect_static >"$layers/said"
                cat "$layers/bin/python3.asked"
                """))
        .isEqualTo("config.production %1$s/src\nconfig.production %1$s/src\n".formatted(app));
  }

  @Test
  void a_package_in_src_is_found_from_a_manage_py_at_the_top() throws Exception {
    write("manage.py", setting("shop.settings"));
    write("src/shop/wsgi.py", setting("shop.production"));

    assertThat(
            run(
                """
                find_source_folder
                find_django
                django_module wsgi
                """))
        .isEqualTo("       Django: shop.production (src/shop/wsgi.py)\nshop.wsgi");
    assertThat(layers.resolve("path/env.launch/PYTHONPATH.prepend")).hasContent(app + "/src");
  }

  private static String setting(String module) {
    return "os.environ.setdefault('DJANGO_SETTINGS_MODULE', '" + module + "')\n";
  }

  private String found(String setting) throws Exception {
    return run("%s find_django".formatted(setting)).replaceAll("(?m)^ +", "");
  }

  private String run(String script) throws Exception {
    return Bash.run(
        app,
        """
        layers='%1$s' scratch=$layers python=3.13
        for part in say dependencies django start; do . '%2$s'/$part.sh; done
        mkdir -p "$venv/lib/python3.13/site-packages/django"
        %3$s
        """
            .formatted(layers, Workshop.BUILDPACKS.resolve("python/lib"), script));
  }
}

package dev.widemesh.builder.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.PushResponseItem;
import dev.widemesh.api.Json;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PushReportTest {
  private static final String ONE = "sha256:" + "1".repeat(64);
  private static final String TWO = "sha256:" + "2".repeat(64);

  /// As the engine writes them; a `'` stands for a `"`.
  private static PushReport after(String... lines) {
    var report = new PushReport("b1");
    for (var line : lines) {
      report.onNext(Json.read(line.replace('\'', '"'), PushResponseItem.class));
    }
    return report;
  }

  @Test
  void every_image_store_says_the_digest_in_a_line_or_beside_one() {
    var begin = "{'status':'The push refers to repository [127.0.0.1:5000/apps/one]'}";
    var layer = "{'status':'Pushed','progressDetail':{},'id':'0a1b2c3d'}";
    var line = "{'status':'b1: digest: " + ONE + " size: 528'}";
    var note = "{'progressDetail':{},'aux':{'Tag':'b1','Digest':'" + ONE + "','Size':528}}";

    assertThat(after(begin, layer, line, note).digest()).isEqualTo(ONE);
    assertThat(after(begin, layer, line).digest()).isEqualTo(ONE);
    assertThat(after(begin, layer, note).digest()).isEqualTo(ONE);
  }

  @Test
  void without_a_digest_of_that_tag_nothing_is_known() {
    refuses("{'status':'b2: digest: " + TWO + " size: 528'}");
    refuses("{'status':'b1: digest: sha256:short size: 528'}");
    refuses("{'aux':{'Tag':'b2','Digest':'" + TWO + "','Size':528}}");
    refuses("{'aux':{'Tag':'b1','Digest':'latest','Size':528}}");
    refuses("{'status':'Pushed','id':'b1: digest: " + ONE + " size: 528'}");
  }

  private static void refuses(String line) {
    assertThatThrownBy(() -> after(line).digest())
        .isInstanceOf(DockerException.class)
        .hasMessageContaining("does not say the digest");
  }
}

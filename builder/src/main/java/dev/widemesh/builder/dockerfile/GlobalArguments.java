package dev.widemesh.builder.dockerfile;

import dev.widemesh.builder.image.Architecture;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The values of the arguments that stand before the first FROM: what follows a FROM may name them.
final class GlobalArguments {
  private static final Pattern ARGUMENT =
      Pattern.compile("([A-Za-z_]\\w*)(?:=(\"[^\"]*\"|'[^']*'|\\S*))?");

  /// What begins so is told to BuildKit itself, such as which program reads the Dockerfile.
  private static final String FOR_BUILDKIT = "BUILDKIT_";

  private static final int MOST_VALUES = 1_000_000;

  private final Map<String, String> offered;
  private final Map<String, String> values;
  private int length;

  /// `offered` go before what the Dockerfile says, and what is known of the platform before both.
  /// What would tell BuildKit something is not offered.
  GlobalArguments(Map<String, String> offered) {
    var all = new TreeMap<>(offered);
    all.keySet().removeIf(name -> name.startsWith(FOR_BUILDKIT));
    all.putAll(platform());
    this.offered = all;
    this.values = new HashMap<>(platform());
  }

  /// What BuildKit defines by itself.
  private static Map<String, String> platform() {
    var all = new TreeMap<String, String>();
    for (var side : List.of("TARGET", "BUILD")) {
      all.put(side + "OS", "linux");
      all.put(side + "ARCH", Architecture.ofHost());
      all.put(side + "PLATFORM", "linux/" + Architecture.ofHost());
    }
    return all;
  }

  /// The values that a builder is told, of the arguments that were `declared`.
  Map<String, String> offered(Set<String> declared) {
    var all = new TreeMap<>(offered);
    all.keySet().retainAll(declared);
    return all;
  }

  /// Those that an ARG names, wherever it stands.
  static List<String> names(Instruction instruction) {
    return ARGUMENT.matcher(instruction.rest()).results().map(found -> found.group(1)).toList();
  }

  /// Takes what an ARG before the first FROM says.
  void declare(Instruction instruction) throws BuildRefused {
    var found = ARGUMENT.matcher(instruction.rest());
    while (found.find()) {
      var name = found.group(1);
      var text = found.group(2) == null ? "" : found.group(2).replaceAll("^[\"']|[\"']$", "");
      var value = offered.getOrDefault(name, expand(instruction, text));
      length += value.length();
      if (length > MOST_VALUES) {
        throw instruction.refused("the values before FROM are too long", "shorten them");
      }
      values.put(name, value);
    }
  }

  String expand(Instruction where, String text) throws BuildRefused {
    return Variables.expand(where, text, values);
  }
}

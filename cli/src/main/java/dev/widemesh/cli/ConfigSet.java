package dev.widemesh.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

final class ConfigSet implements Command {
  private static final int LARGEST = 1_000_000;

  @Parameters(arity = "0..*", paramLabel = "K=V", description = "Names and values.")
  List<String> pairs = new ArrayList<>();

  @Option(
      names = "--file",
      paramLabel = "K=PATH",
      description = "Take the value from a file, as it is. May be repeated.")
  List<String> files = new ArrayList<>();

  @Option(
      names = "--stdin",
      paramLabel = "K=-",
      description = "Take the value from standard input, without the line break at its end.")
  List<String> stdin = new ArrayList<>();

  @Option(names = "--secret", description = "Write-only: instances get it, people never again.")
  boolean secret;

  @Mixin final ConfigChange change = new ConfigChange();

  @Override
  public ExitCode run(Session mesh) throws IOException {
    var values = new LinkedHashMap<String, String>();
    for (var pair : pairs) {
      put(values, split(pair), value(pair));
    }
    for (var file : files) {
      put(values, split(file), content(mesh, value(file)));
    }
    if (stdin.size() > 1) {
      throw Refusal.usage("standard input holds only one value", "use --stdin once");
    }
    for (var typed : stdin) {
      put(values, typed.replaceFirst("=-?$", ""), input(mesh));
    }
    if (values.isEmpty()) {
      throw Refusal.usage("what is to be set?", "mesh config set NAME=value");
    }
    return change.set(mesh, values, secret);
  }

  private static void put(Map<String, String> values, String name, String value) {
    if (values.put(ConfigChange.checkedName(name), value) != null) {
      throw Refusal.usage(name + " is given twice", "give it once");
    }
  }

  private static String split(String pair) {
    var equals = pair.indexOf('=');
    if (equals < 0) {
      throw Refusal.usage("'%s' has no '='".formatted(pair), "write it NAME=value");
    }
    return pair.substring(0, equals);
  }

  private static String value(String pair) {
    return pair.substring(pair.indexOf('=') + 1);
  }

  private static String content(Session mesh, String path) throws IOException {
    try (var file = Files.newInputStream(mesh.path(path))) {
      return text(file.readNBytes(LARGEST + 1), path);
    }
  }

  private static String input(Session mesh) throws IOException {
    var text = text(mesh.terminal().in().readNBytes(LARGEST + 1), "standard input");
    return text.replaceFirst("\\r?\\n\\z", "");
  }

  private static String text(byte[] bytes, String origin) throws IOException {
    if (bytes.length > LARGEST) {
      throw Refusal.usage(origin + " is over 1 MB", "put it into the repository, or a volume");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
    } catch (java.nio.charset.CharacterCodingException _) {
      throw Refusal.usage(origin + " is not text in UTF-8", "encode it first: base64 -w0");
    }
  }
}

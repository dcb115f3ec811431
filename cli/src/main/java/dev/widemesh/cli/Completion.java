package dev.widemesh.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Parameters;

final class Completion implements Command {
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  String shell = "";

  @Override
  public ExitCode run(Session mesh) {
    var script =
        switch (shell) {
          case "bash" -> bash();
          case "zsh" -> "autoload -U +X bashcompinit && bashcompinit\n" + bash();
          case "fish" -> fish();
          default ->
              throw Refusal.usage(
                  "there is no completion for '%s'".formatted(shell),
                  "mesh completion bash, zsh or fish");
        };
    mesh.terminal().out().print(script);
    return ExitCode.OK;
  }

  /// What may follow each sequence of words: more words, or the options of the command.
  private static Map<String, Set<String>> candidates() {
    var found = new TreeMap<String, Set<String>>();
    walk(List.of(), found);
    return found;
  }

  private static void walk(List<String> words, Map<String, Set<String>> found) {
    var next = Words.after(words);
    found.put(String.join(" ", words), next.isEmpty() ? options(words) : next);
    for (var word : next) {
      var longer = new ArrayList<>(words);
      longer.add(word);
      walk(longer, found);
    }
  }

  private static Set<String> options(List<String> words) {
    var verb = Words.verb(words).orElseThrow();
    var names = new LinkedHashSet<String>();
    var spec = Invocation.parser(verb, verb.make()).getCommandSpec();
    spec.options().forEach(option -> names.add(option.longestName()));
    return names;
  }

  private static String bash() {
    var cases = new StringBuilder();
    candidates()
        .forEach(
            (words, next) ->
                cases.append(
                    "    '%s') candidates='%s' ;;\n".formatted(words, String.join(" ", next))));
    return """
    # Completion of mesh: source <(mesh completion bash)
    _mesh_candidates() {
      case "$1" in
    %s    *) return 1 ;;
      esac
    }
    _mesh() {
      local path='' candidates='' i word
      _mesh_candidates ''
      for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        _mesh_candidates "${path:+$path }$word" && path="${path:+$path }$word"
      done
      _mesh_candidates "$path"
      COMPREPLY=($(compgen -W "$candidates" -- "${COMP_WORDS[COMP_CWORD]}"))
    }
    complete -o default -F _mesh mesh
    """
        .formatted(cases);
  }

  private static String fish() {
    var script = new StringBuilder("# Completion of mesh: mesh completion fish | source\n");
    script.append(
        """
        function __mesh_path
          string match -v -- '-*' (commandline -opc)[2..-1] | string join ' '
        end
        complete -c mesh -f
        """);
    candidates()
        .forEach(
            (words, next) ->
                script.append(
                    "complete -c mesh -n 'test (__mesh_path) = \"%s\"' -a '%s'\n"
                        .formatted(words, String.join(" ", next))));
    return script.toString();
  }
}

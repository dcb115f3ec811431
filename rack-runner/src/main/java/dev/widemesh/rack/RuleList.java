package dev.widemesh.rack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Rules of one chain in their order, comparable however `iptables` spells them: it sorts options,
/// names the matches that it used, and adds how it rejects.
record RuleList(String chain, List<Rule> rules) {
  /// `text` as it was written; `options` are what it means.
  record Rule(String text, Set<String> options) {
    static Rule of(String text) {
      var words = List.of(text.strip().split("\\s+", -1));
      var options = new TreeSet<String>();
      for (var i = 0; i + 1 < words.size(); i += 2) {
        var value = words.get(i + 1);
        switch (words.get(i)) {
          case "-m", "--reject-with" -> {}
          case "--ctstate" ->
              options.add("--ctstate " + new TreeSet<>(Arrays.asList(value.split(",", -1))));
          case "-s", "-d" -> options.add(words.get(i) + " " + network(value));
          default -> options.add(words.get(i) + " " + value);
        }
      }
      return new Rule(text.strip(), options);
    }

    private static String network(String address) {
      return address.contains("/") ? address : address + "/32";
    }
  }

  static RuleList of(String chain, List<String> texts) {
    return new RuleList(chain, texts.stream().map(Rule::of).toList());
  }

  /// What `iptables -S CHAIN` printed.
  static RuleList printed(String chain, String output) {
    var prefix = "-A " + chain + " ";
    return of(
        chain,
        output
            .lines()
            .filter(line -> line.startsWith(prefix))
            .map(line -> line.substring(prefix.length()))
            .toList());
  }

  /// What it has and the other has not, or has in another order.
  List<String> beyond(RuleList other) {
    var beyond = new ArrayList<String>();
    var theirs = new HashSet<Set<String>>();
    other.rules().forEach(rule -> theirs.add(rule.options()));
    for (var rule : rules) {
      if (!theirs.contains(rule.options())) {
        beyond.add(chain + " " + rule.text());
      }
    }
    var disordered = beyond.isEmpty() && rules.size() == other.rules().size();
    if (disordered && !options().equals(other.options())) {
      beyond.add(chain + " in this order");
    }
    return beyond;
  }

  private List<Set<String>> options() {
    return rules.stream().map(Rule::options).toList();
  }
}

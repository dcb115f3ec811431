package dev.widemesh.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/// Names and values of one thing, one a line.
final class Facts {
  private final Map<String, String> facts = new LinkedHashMap<>();

  Facts add(String name, String value) {
    facts.put(name, value);
    return this;
  }

  void print(Terminal terminal) {
    var width = facts.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
    facts.forEach(
        (name, value) ->
            terminal.say(
                terminal.paint(Colour.BOLD, name)
                    + " ".repeat(width - name.length())
                    + terminal.tame(value)));
  }
}

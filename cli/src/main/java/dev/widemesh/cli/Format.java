package dev.widemesh.cli;

import picocli.CommandLine.Option;

/// For people, or for programs.
final class Format {
  @Option(names = "--json", description = "Print JSON, with the field names of the API.")
  boolean json;
}

package dev.widemesh.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The number of a deployment: `v3`, or `3`.
final class Version implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    if (!text.matches("v?[0-9]{1,9}")) {
      throw new TypeConversionException("'%s' is not a version like v3".formatted(text));
    }
    return Integer.valueOf(text.startsWith("v") ? text.substring(1) : text);
  }
}

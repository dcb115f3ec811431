package dev.widemesh.cli;

import java.math.BigDecimal;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// An amount of memory in bytes: `512m`, `1.5g`. MB are 10^6 bytes.
final class Memory implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    var lower = text.toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9]{1,9}(\\.[0-9]{1,3})?[mg]b?")) {
      throw new TypeConversionException(
          "'%s' is not an amount of memory like 512m or 1g".formatted(text));
    }
    var unit = lower.contains("g") ? 1_000_000_000L : 1_000_000L;
    return new BigDecimal(lower.replaceAll("[mgb]", ""))
        .multiply(BigDecimal.valueOf(unit))
        .longValue();
  }
}

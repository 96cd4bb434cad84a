package dev.inferno.cli;

import dev.inferno.convert.Conversion;
import dev.inferno.convert.ConvertedTensor;
import dev.inferno.format.GgmlType;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Says what a command that writes a model file has made.
final class ConversionReport {
  private ConversionReport() {}

  /// A line for each tensor that has another type than the mix has for it.
  static void warnOfFallbacks(Conversion conversion, Console console) {
    for (ConvertedTensor tensor : conversion.fallbacks()) {
      console
          .err()
          .printf(
              "warning: %s is %s: its rows of %d are no whole blocks of %s%n",
              Columns.printable(tensor.source().name()),
              tensor.type(),
              tensor.source().dimensions().getFirst(),
              tensor.wanted());
    }
  }

  /// How many tensors are of which type: `8 F32, 30 Q4_K`.
  static String types(Conversion conversion) {
    Map<GgmlType, Integer> counts = new EnumMap<>(GgmlType.class);
    conversion.tensors().forEach(tensor -> counts.merge(tensor.type(), 1, Integer::sum));
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  /// The size of tensors' data: `1,234 bytes (4.50 bits per weight)`.
  static String size(long bytes, Conversion conversion) {
    return String.format(
        Locale.ROOT,
        "%,d bytes (%.2f bits per weight)",
        bytes,
        8.0 * bytes / Math.max(1, conversion.elements()));
  }
}

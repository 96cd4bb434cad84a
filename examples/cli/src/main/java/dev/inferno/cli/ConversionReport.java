package dev.inferno.cli;

import dev.inferno.convert.Conversion;
import dev.inferno.convert.ConvertedTensor;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Says what a command that writes a model file has made.
final class ConversionReport {
  private static final List<String> OWN_KEYS =
      List.of("rope.scaling.dynamic_factor", "rope.scaling.yarn_truncate", "exact_gelu");
  private static final String WINDOW = "attention.sliding_window";
  private static final Set<String> WITHOUT_WINDOWS = // in llama.cpp
      Set.of("llama", "qwen2", "qwen3", "starcoder2");

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

  /// A line if a file has keys that change what is computed and that llama.cpp does not look for.
  static void warnOfOwnKeys(Path out, Console console) throws IOException {
    ModelFacts facts = ModelFacts.of(GgufFile.open(out));
    List<String> own = new ArrayList<>();
    OWN_KEYS.stream().filter(facts.sizes()::containsKey).forEach(own::add);
    if (WITHOUT_WINDOWS.contains(facts.architecture()) && facts.count(WINDOW).isPresent()) {
      own.add(WINDOW);
    }
    if (!own.isEmpty()) {
      console
          .err()
          .printf(
              "warning: llama.cpp ignores %s of %s and computes as if the file did not say it%n",
              own.stream()
                  .map(key -> facts.architecture() + "." + key)
                  .collect(Collectors.joining(", ")),
              out);
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

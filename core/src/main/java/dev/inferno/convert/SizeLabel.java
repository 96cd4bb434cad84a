package dev.inferno.convert;

import dev.inferno.format.TensorInfo;
import java.util.List;
import java.util.Locale;

/// How large a model is in short, as llama.cpp's converter writes it to `general.size_label`:
/// `154K`, `1.5B`, `8x7B`.
final class SizeLabel {
  private SizeLabel() {}

  static String of(List<TensorInfo> tensors) {
    long shared = 0;
    long expert = 0; // one of them
    long experts = 0;
    int mixtures = 0;
    for (TensorInfo tensor : tensors) {
      List<Long> dimensions = tensor.dimensions();
      if (!tensor.name().contains("_exps.") || dimensions.size() < 3) { // biases count as shared
        shared += tensor.elements();
      } else if (dimensions.get(2) > 0) {
        expert += tensor.elements() / dimensions.get(2);
        experts += dimensions.get(2);
        mixtures++;
      }
    }
    String size = rounded(shared + expert);
    return mixtures == 0 ? size : experts / mixtures + "x" + size;
  }

  /// With two digits at least.
  private static String rounded(long numbers) {
    double scaled = numbers / 1e3;
    String unit = "K";
    if (numbers > 1e12) {
      scaled = numbers / 1e12;
      unit = "T";
    } else if (numbers > 1e9) {
      scaled = numbers / 1e9;
      unit = "B";
    } else if (numbers > 1e6) {
      scaled = numbers / 1e6;
      unit = "M";
    }
    long whole = Math.round(scaled);
    int digits = whole == 0 ? 0 : Long.toString(whole).length();
    return String.format(Locale.ROOT, "%." + Math.max(0, 2 - digits) + "f%s", scaled, unit);
  }
}

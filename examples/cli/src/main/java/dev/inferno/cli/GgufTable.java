package dev.inferno.cli;

import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.tokenizer.Utf8List;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/// What a GGUF file says, for people: one table of metadata, one of tensors.
final class GgufTable {
  private static final int SHOWN_ELEMENTS = 6;

  private final PrintStream out;

  GgufTable(PrintStream out) {
    this.out = out;
  }

  /// How many numbers the tensors hold.
  static long elements(GgufFile file) {
    return file.tensors().stream().mapToLong(TensorInfo::elements).sum();
  }

  /// How many bytes the tensors have.
  static long bytes(GgufFile file) {
    return file.tensors().stream().mapToLong(TensorInfo::sizeBytes).sum();
  }

  /// What the file is, on a line.
  void printSummary(GgufFile file) {
    out.printf(
        Locale.ROOT,
        "%s: GGUF version %d, %d metadata values, %d tensors with %,d elements in %,d bytes%n",
        file.name(),
        file.version(),
        file.metadata().size(),
        file.tensors().size(),
        elements(file),
        bytes(file));
  }

  void print(GgufFile file) {
    List<List<String>> metadata = new ArrayList<>();
    metadata.add(List.of("key", "type", "value"));
    file.metadata()
        .forEach((key, value) -> {
          String type = file.metadataType(key);
          metadata.add(List.of(Columns.printable(key), type, shown(value, type)));
        });
    Columns.print(out, metadata, 0);
    List<List<String>> tensors = new ArrayList<>();
    tensors.add(List.of("tensor", "type", "shape", "offset", "bytes"));
    for (TensorInfo tensor : file.tensors()) {
      tensors.add(
          List.of(
              Columns.printable(tensor.name()),
              tensor.type().name(),
              tensor.dimensions().toString(),
              Long.toString(tensor.offset()),
              Long.toString(tensor.sizeBytes())));
    }
    Columns.print(out, tensors, 2);
  }

  private static String shown(Object value, String type) {
    return switch (value) {
      case String text -> Columns.shown(text);
      case Long number -> integer(number, type);
      case Utf8List list -> array(list.size(), i -> Columns.shown(list.get(i)));
      case long[] list -> array(list.length, i -> integer(list[i], type));
      case float[] list -> array(list.length, i -> Float.toString(list[i]));
      case double[] list -> array(list.length, i -> Double.toString(list[i]));
      case boolean[] list -> array(list.length, i -> Boolean.toString(list[i]));
      default -> value.toString();
    };
  }

  private static String array(int size, IntFunction<String> element) {
    var text = new StringBuilder("[");
    for (int i = 0; i < Math.min(size, SHOWN_ELEMENTS); i++) {
      text.append(i == 0 ? "" : ", ").append(element.apply(i));
    }
    return text.append(size > SHOWN_ELEMENTS ? ", ... " + size + " in all]" : "]").toString();
  }

  private static String integer(long value, String type) {
    return type.contains("u64") ? Long.toUnsignedString(value) : Long.toString(value);
  }
}

package dev.inferno.internal.huggingface;

import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// A family of models: what the reference library calls it, what GGUF calls it, and where its
/// tensors are. Immutable.
///
/// @param modelType its `model_type`
/// @param library its class in the reference library
/// @param architecture its `general.architecture`
/// @param tied whether the output is the embedding where `tie_word_embeddings` does not say
/// @param keys reads its metadata
/// @param rows its tensors
/// @param packings the `quant_method` of folders whose numbers are packed, that can be read
record Family(
    String modelType,
    String library,
    String architecture,
    boolean tied,
    BiConsumer<Config, Metadata> keys,
    List<Row> rows,
    Set<String> packings) {

  /// The name of the output projection in GGUF, which a tied model has not.
  static final String OUTPUT = "output.weight";

  /// What the names of its tensors begin with, but for the output's; a model that was saved without
  /// its output goes without. The first row is the embedding, which has it.
  String base() {
    String first = rows.getFirst().source();
    return first.substring(0, first.indexOf('.') + 1);
  }

  /// A family that has an output of its own unless its file says otherwise.
  static Family untied(
      String modelType,
      String library,
      String architecture,
      BiConsumer<Config, Metadata> keys,
      List<List<Row>> rows) {
    return new Family(modelType, library, architecture, false, keys, joined(rows), Set.of());
  }

  /// A family whose output is its embedding unless its file says otherwise.
  static Family tied(
      String modelType,
      String library,
      String architecture,
      BiConsumer<Config, Metadata> keys,
      List<List<Row>> rows) {
    return new Family(modelType, library, architecture, true, keys, joined(rows), Set.of());
  }

  /// The same that may be packed as well, its rows say how.
  Family packedAs(String method) {
    return new Family(modelType, library, architecture, tied, keys, rows, Set.of(method));
  }

  private static List<Row> joined(List<List<Row>> rows) {
    return rows.stream().flatMap(List::stream).toList();
  }
}

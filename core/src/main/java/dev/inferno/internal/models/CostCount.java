package dev.inferno.internal.models;

import dev.inferno.ModelCost;
import dev.inferno.format.TensorInfo;
import dev.inferno.internal.nn.Attention;
import java.util.stream.IntStream;

/// Counts what a token costs, while an architecture takes its tensors from a file. For one thread.
final class CostCount {
  private long weightBytes;
  private long blockMultiplyAdds;
  private long headMultiplyAdds;

  /// A matrix that every token is multiplied by.
  void matrix(TensorInfo tensor) {
    weightBytes += tensor.sizeBytes();
    blockMultiplyAdds += tensor.elements();
  }

  /// So many of every `rows` rows of a matrix that every token is multiplied by.
  void part(TensorInfo tensor, int part, int rows) {
    weightBytes += tensor.sizeBytes() / rows * part;
    blockMultiplyAdds += tensor.elements() / rows * part;
  }

  /// The matrices of some experts, of which every token is multiplied by a few.
  void experts(TensorInfo tensor, int experts, int used) {
    weightBytes += tensor.sizeBytes() / experts * used;
    blockMultiplyAdds += tensor.elements() / experts * used;
  }

  /// The numbers of the factors beside a matrix, in single precision.
  void change(long numbers) {
    weightBytes += Float.BYTES * numbers;
    blockMultiplyAdds += numbers;
  }

  /// The same beside the output projection.
  void headChange(long numbers) {
    weightBytes += Float.BYTES * numbers;
    headMultiplyAdds += numbers;
  }

  /// A table, of which every token reads a row.
  void table(TensorInfo tensor, int rows) {
    weightBytes += tensor.sizeBytes() / rows;
  }

  /// A vector, decoded to floats.
  void vector(int length) {
    weightBytes += (long) length * Float.BYTES;
  }

  /// The output projection.
  void head(TensorInfo tensor) {
    weightBytes += tensor.sizeBytes();
    headMultiplyAdds += tensor.elements();
  }

  /// A table that is the output projection as well: its one row is among those that are read.
  void tiedHead(TensorInfo tensor, int rows) {
    head(tensor);
    weightBytes -= tensor.sizeBytes() / rows;
  }

  /// What was counted.
  ModelCost cost(Architecture architecture, int layers) {
    Attention.Heads heads = architecture.heads();
    return new ModelCost(
        weightBytes,
        blockMultiplyAdds,
        headMultiplyAdds,
        heads.keyWidth() + heads.valueWidth(),
        heads.queryWidth() + heads.zWidth(),
        IntStream.range(0, layers).map(architecture::window).boxed().toList());
  }
}

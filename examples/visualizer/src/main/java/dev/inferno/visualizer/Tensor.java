package dev.inferno.visualizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A tensor that was copied out of a run. Immutable by agreement: nobody writes to the arrays.
///
/// @param axes what each axis counts
/// @param firstPosition the absolute position of the first query
/// @param values in row-major order
@SuppressWarnings("ArrayRecordComponent") // never compared
record Tensor(String name, List<String> axes, int[] shape, int firstPosition, float[] values) {

  Wire.TensorInfo info() {
    return new Wire.TensorInfo(name, axes, shape, firstPosition);
  }

  long bytes() {
    return 4L * values.length;
  }

  /// The part with this index of an axis, which goes away.
  ///
  /// @throws BadRequestException if there is no such axis or index
  Tensor select(String axis, int index) {
    int at = axis(axis);
    if (index < 0 || index >= shape[at]) {
      throw new BadRequestException(
          "%s of %s must be 0 to %d, but is %d".formatted(axis, name, shape[at] - 1, index));
    }
    int inner = product(at + 1, shape.length);
    int outer = product(0, at);
    float[] part = new float[outer * inner];
    for (int i = 0; i < outer; i++) {
      System.arraycopy(values, (i * shape[at] + index) * inner, part, i * inner, inner);
    }
    return without(at, part);
  }

  /// The mean over an axis, which goes away.
  ///
  /// @throws BadRequestException if there is no such axis
  Tensor mean(String axis) {
    int at = axis(axis);
    int inner = product(at + 1, shape.length);
    int outer = product(0, at);
    float[] means = new float[outer * inner];
    for (int i = 0; i < outer; i++) {
      for (int k = 0; k < inner; k++) {
        double sum = 0;
        for (int j = 0; j < shape[at]; j++) {
          sum += values[(i * shape[at] + j) * inner + k];
        }
        means[i * inner + k] = (float) (sum / shape[at]);
      }
    }
    return without(at, means);
  }

  /// The rows of several tensors, `[query, key]` each, one below the other. A row that is shorter
  /// than the longest is followed by zeros: a query gives no weight to the keys after it.
  ///
  /// @throws BadRequestException if one has other axes
  static Tensor stack(List<Tensor> parts) {
    int rows = 0;
    int keys = 0;
    for (Tensor part : parts) {
      if (!part.axes.equals(List.of("query", "key"))) {
        throw new BadRequestException(
            "only the axes query and key can be stacked, but left are " + part.axes);
      }
      rows += part.shape[0];
      keys = Math.max(keys, part.shape[1]);
    }
    float[] values = new float[Math.multiplyExact(rows, keys)];
    int row = 0;
    for (Tensor part : parts) {
      for (int i = 0; i < part.shape[0]; i++) {
        System.arraycopy(part.values, i * part.shape[1], values, row * keys, part.shape[1]);
        row++;
      }
    }
    Tensor first = parts.getFirst();
    return new Tensor(first.name, first.axes, new int[] {rows, keys}, first.firstPosition, values);
  }

  /// Little-endian 32-bit floats.
  byte[] littleEndian() {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  private int axis(String axis) {
    int at = axes.indexOf(axis);
    if (at < 0) {
      throw new BadRequestException("%s has no axis '%s'; it has %s".formatted(name, axis, axes));
    }
    return at;
  }

  private int product(int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= shape[i];
    }
    return product;
  }

  private Tensor without(int axis, float[] part) {
    List<String> axes = new ArrayList<>(this.axes);
    axes.remove(axis);
    int[] shape = new int[this.shape.length - 1];
    System.arraycopy(this.shape, 0, shape, 0, axis);
    System.arraycopy(this.shape, axis + 1, shape, axis, shape.length - axis);
    return new Tensor(name, axes, shape, firstPosition, part);
  }

  @Override
  public String toString() {
    return name + axes + Arrays.toString(shape);
  }
}

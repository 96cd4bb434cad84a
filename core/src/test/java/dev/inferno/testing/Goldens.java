package dev.inferno.testing;

import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.internal.safetensors.SafetensorsTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The arrays of a safetensors file of golden values, all read into memory.
public final class Goldens {
  private final Path file;
  private final Map<String, String> metadata;
  private final Map<String, Golden> arrays;

  /// One array, row-major.
  public static final class Golden {
    private final List<Integer> shape;
    private final float[] floats;
    private final byte[] bytes;

    private Golden(List<Integer> shape, float[] floats, byte[] bytes) {
      this.shape = shape;
      this.floats = floats;
      this.bytes = bytes;
    }

    /// Its sizes, the slowest dimension first.
    public List<Integer> shape() {
      return shape;
    }

    /// The size of a dimension; negative indices count from the last, which is -1.
    public int dimension(int index) {
      return shape.get(index < 0 ? shape.size() + index : index);
    }

    /// All its elements; not a copy.
    public float[] floats() {
      return floats;
    }

    /// Its elements as they lie in the file; not a copy.
    public byte[] bytes() {
      return bytes;
    }

    /// A copy of the part at this index of the first dimension: a row of a matrix, a layer of
    /// heads.
    public float[] row(int index) {
      int size = floats.length / shape.getFirst();
      return Arrays.copyOfRange(floats, index * size, (index + 1) * size);
    }
  }

  private Goldens(Path file, Map<String, String> metadata, Map<String, Golden> arrays) {
    this.file = file;
    this.metadata = metadata;
    this.arrays = arrays;
  }

  /// Reads every array of a file.
  public static Goldens read(Path path) {
    try (MappedSafetensors file = MappedSafetensors.open(path)) {
      Map<String, Golden> arrays = new LinkedHashMap<>();
      for (SafetensorsTensor tensor : file.tensors().values()) {
        arrays.put(
            tensor.name(),
            new Golden(
                tensor.shape().stream().map(Math::toIntExact).toList(),
                file.floats(tensor),
                file.data(tensor).toArray(ValueLayout.JAVA_BYTE)));
      }
      return new Goldens(path, file.metadata(), arrays);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The strings of the file's `__metadata__`.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// The names of the arrays.
  public Set<String> names() {
    return arrays.keySet();
  }

  /// The array with this name.
  public Golden array(String name) {
    Golden array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no array " + name + " in " + file + ": " + names());
    }
    return array;
  }

  /// The elements of the array with this name.
  public float[] floats(String name) {
    return array(name).floats();
  }
}

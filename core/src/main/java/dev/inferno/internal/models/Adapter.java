package dev.inferno.internal.models;

import dev.inferno.format.GgmlType;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Low-rank changes of a model's matrices (LoRA, <https://arxiv.org/abs/2106.09685>), under the
/// names that GGUF gives these. For one model that is being read.
public final class Adapter {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Matrices that no token is multiplied by as a whole: tables, the rows of norms and biases, and
  /// what is read in parts.
  private static final Pattern UNCHANGEABLE =
      Pattern.compile(
          "(token_embd|position_embd|.*_norm|.*\\.(attn_kv_b|ffn_gate_inp_shexp))\\.weight|.*\\.bias");

  private final String name;
  private final float scale;
  private final Map<String, Change> changes;
  private final Set<String> taken = new HashSet<>();

  /// A change of a matrix: `strength B A` is added to it.
  ///
  /// @param label what messages call the matrix
  /// @param down A, `[rank, columns]`
  /// @param up B, `[rows, rank]`
  public record Change(String label, Factor down, Factor up, double strength) {}

  /// A factor, in single precision.
  ///
  /// @param name what messages call it
  public record Factor(String name, int rows, int columns, MemorySegment data) {
    /// A factor in memory of its own.
    public static Factor of(String name, int rows, int columns, float[] values) {
      MemorySegment data = Arena.ofAuto().allocate((long) Float.BYTES * values.length, 64);
      MemorySegment.copy(values, 0, data, F32, 0, values.length);
      return new Factor(name, rows, columns, data);
    }

    private long numbers() {
      return (long) rows * columns;
    }

    private Weight weight(Kernels kernels) {
      return Weights.of(name, GgmlType.F32, rows, columns, data, kernels);
    }
  }

  /// An adapter.
  ///
  /// @param name what messages call it
  /// @param scale what its changes are multiplied by, besides their strengths
  /// @param changes by the name of the matrix in GGUF
  public Adapter(String name, float scale, Map<String, Change> changes) {
    this.name = name;
    this.scale = scale;
    this.changes = new TreeMap<>(changes);
  }

  /// The factors of a change, which have to fit each other.
  ///
  /// @throws MalformedModelException if they do not
  public static Change change(
      String adapter, String label, Factor down, Factor up, double strength) {
    if (down.rows() != up.columns()) {
      throw new MalformedModelException(
          "%s: malformed: '%s' has rank %d, but '%s' has %d"
              .formatted(adapter, down.name(), down.rows(), up.name(), up.columns()));
    }
    return new Change(label, down, up, strength);
  }

  /// Refuses changes that are not of the size of the model's matrices, or of what it has not, or
  /// not to be multiplied by. Before any of them is read.
  void requireFits(ModelFile file) {
    changes.forEach((tensor, change) -> {
      List<Long> found = file.tensor(tensor).map(TensorInfo::dimensions).orElse(List.of());
      if (found.size() != 2 || UNCHANGEABLE.matcher(tensor).matches()) {
        throw unsupported(List.of(change.label()));
      }
      int rows = change.up().rows();
      int columns = change.down().columns();
      if (found.getFirst() != columns || found.getLast() != rows) {
        throw new MalformedModelException(
            "%s: malformed: its change of '%s' is %d x %d, but the matrix is %d x %d"
                .formatted(name, change.label(), rows, columns, found.getLast(), found.getFirst()));
      }
    });
  }

  /// A matrix of the model with the change to it, if there is one; it {@link #requireFits fits}.
  Weight adapted(String tensor, Weight weight, Kernels kernels) {
    Change change = changes.get(tensor);
    if (change == null) {
      return weight;
    }
    taken.add(tensor);
    return Weights.adapted(
        weight,
        change.down().weight(kernels),
        change.up().weight(kernels),
        (float) (scale * change.strength()));
  }

  /// Refuses changes of what is no matrix of the model that can be changed.
  void requireAllTaken() {
    List<String> left =
        changes.entrySet().stream()
            .filter(each -> !taken.contains(each.getKey()))
            .map(each -> each.getValue().label())
            .toList();
    if (!left.isEmpty()) {
      throw unsupported(left);
    }
  }

  private UnsupportedModelException unsupported(List<String> changed) {
    return new UnsupportedModelException(
        "%s: unsupported: it changes %s; supported are matrices of the model that every token is multiplied by"
            .formatted(name, changed));
  }

  /// How many numbers a change of a matrix has, 0 if there is none.
  long numbers(String tensor) {
    Change change = changes.get(tensor);
    return change == null ? 0 : change.down().numbers() + change.up().numbers();
  }

  /// Tells this adapter from others.
  public void identify(MessageDigest digest) {
    changes.forEach((tensor, change) -> {
      String text = "%s %s %s".formatted(tensor, change.strength(), scale);
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update(change.down().data().asByteBuffer());
      digest.update(change.up().data().asByteBuffer());
    });
  }
}

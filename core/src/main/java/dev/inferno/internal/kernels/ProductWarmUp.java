package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Makes the JVM compile the products of some formats: multiplies matrices of a few rows, all
/// zeros, until they take no longer than compiled code does, or a limit is reached.
///
/// The interpreter runs vector code hundreds of times slower than compiled code, so that what
/// matters is to do little of it. Rows are few, but as long as those of the model, since the
/// compiler unrolls loops by how often it saw them go round.
public final class ProductWarmUp {
  /// Half a panel of the prefill class, two bands of the decode class.
  private static final int MATRIX_ROWS = 16;

  /// Rows of x: one, several of the decode class, and as many of the prefill class as make every
  /// tile of it.
  private static final int[] SHORT_ROWS = {1, 7};

  private static final int LONG_ROWS = 31;

  /// With this many rounds the compiler has seen enough, however short the rows are.
  private static final int MOST_ROUNDS = 400;

  /// How many rounds in a row must be quick.
  private static final int QUICK_ROUNDS = 3;

  /// Below this a multiplication and addition was done by compiled code, in picoseconds: that needs
  /// 50, plain kernels 500, interpreted vectors 20,000.
  private static final long QUICK_PICOSECONDS = 1000;

  private final List<Weight> weights = new ArrayList<>();
  private final List<Rows> inputs = new ArrayList<>();
  private final List<Rows> outputs = new ArrayList<>();
  private final Kernels kernels;
  private final Arena arena = Arena.ofAuto();

  /// Products by these kernels.
  public ProductWarmUp(Kernels kernels) {
    this.kernels = kernels;
  }

  /// Adds matrices of a format with rows of this length; those that nothing can be computed with
  /// are left out, since whoever uses them will be told.
  public void add(GgmlType type, long columns) {
    if (BlockFormats.of(type).isEmpty() || columns > 1 << 16 || columns % type.blockSize() != 0) {
      return;
    }
    MemorySegment zeros = arena.allocate(type.bytes(MATRIX_ROWS * columns), 64);
    weights.add(Weights.of("warm-up", type, MATRIX_ROWS, columns, zeros, kernels));
    inputs.add(new Rows(LONG_ROWS, (int) columns).threads(1));
    outputs.add(new Rows(LONG_ROWS, MATRIX_ROWS));
  }

  /// Multiplies, as long as it is wanted.
  public void run(BooleanSupplier wanted) {
    int quick = 0;
    for (int round = 0; round < MOST_ROUNDS && quick < QUICK_ROUNDS; round++) {
      boolean isQuick = true;
      for (int i = 0; i < weights.size(); i++) {
        for (int rows : SHORT_ROWS) {
          isQuick &= multiply(i, rows, 0);
          if (!wanted.getAsBoolean()) {
            return;
          }
        }
        isQuick &= multiply(i, LONG_ROWS, LONG_ROWS);
        if (!wanted.getAsBoolean()) {
          return;
        }
      }
      quick = isQuick ? quick + 1 : 0;
    }
  }

  private boolean multiply(int i, int rows, int longRows) {
    long start = System.nanoTime();
    weights.get(i).multiply(inputs.get(i).resize(rows, longRows), outputs.get(i));
    long nanos = System.nanoTime() - start;
    long products = (long) rows * MATRIX_ROWS * weights.get(i).columns();
    return nanos * 1000 <= products * QUICK_PICOSECONDS;
  }
}

package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;

/// A kernel set that counts the values that its block formats unpack, one way or the other, and the
/// multiply-adds of matrix products, which long segments get row by row from the plain loops: what
/// tiles have beyond the rows that are asked for is not counted, what panels have beyond those of a
/// matrix is.
public final class CountingKernels {
  private final AtomicLong decoded = new AtomicLong();
  private final AtomicLong multiplyAdds = new AtomicLong();
  private final Kernels counting;

  /// Counts what this set does.
  @SuppressWarnings("ReferenceEquality") // each is equal to itself only, as the sets it counts are
  public CountingKernels(Kernels kernels) {
    counting =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (self, method, arguments) -> {
                  switch (method.getName()) {
                    case "equals" -> {
                      return self == arguments[0];
                    }
                    case "format" -> {
                      BlockFormat format = kernels.format((BlockFormat) arguments[0]);
                      return new Counted(format, decoded);
                    }
                    case "accumulate" -> // rows of values, rows of x, n
                        multiplyAdds.addAndGet(
                            (long) (int) arguments[2] * (int) arguments[6] * (int) arguments[7]);
                    case "tileHeight", "smallTileHeight" -> {
                      return 1; // so that there are no rows that nobody asked for
                    }
                    case "tile" -> { // k is the fifth; plain loops take tiles of any height
                      multiplyAdds.addAndGet((long) (int) arguments[4] * Layout.PANEL);
                      return method.invoke(KernelSets.scalar(), arguments);
                    }
                    default -> {}
                  }
                  return method.invoke(kernels, arguments);
                });
  }

  /// The set that is counted.
  public Kernels kernels() {
    return counting;
  }

  /// How many values were unpacked so far.
  public long decoded() {
    return decoded.get();
  }

  /// How many multiply-adds matrix products took so far, of long segments those of whole panels.
  public long multiplyAdds() {
    return multiplyAdds.get();
  }

  private record Counted(BlockFormat format, AtomicLong decoded) implements BlockFormat {
    @Override
    public GgmlType type() {
      return format.type();
    }

    @Override
    public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
      decoded.addAndGet(count);
      format.decode(blocks, offset, values, at, count);
    }
  }
}

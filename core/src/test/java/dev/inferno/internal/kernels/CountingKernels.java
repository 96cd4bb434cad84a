package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;

/// A kernel set that counts the values that its block formats unpack, one way or the other.
final class CountingKernels {
  private final AtomicLong decoded = new AtomicLong();
  private final Kernels counting;

  CountingKernels(Kernels kernels) {
    counting =
        (Kernels)
            Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (_, method, arguments) ->
                    method.getName().equals("format")
                        ? new Counted(kernels.format((BlockFormat) arguments[0]), decoded)
                        : method.invoke(kernels, arguments));
  }

  Kernels kernels() {
    return counting;
  }

  long decoded() {
    return decoded.get();
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

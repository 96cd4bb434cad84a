package dev.inferno.internal.kernels;

/// Whether this machine multiplies and adds in one instruction. Where it does not, `fma` goes
/// through `BigDecimal`, some thousand times slower, and kernels have to multiply, then add.
///
/// No system property or method tells, so the clock does: even interpreted, an instruction takes
/// well below 0.1 us a call, and `BigDecimal` several. The quickest of some batches counts, so that
/// an interruption does not.
final class FusedMultiplyAdd {
  static final boolean AVAILABLE = quickestBatchNanos() < 3_000;

  private FusedMultiplyAdd() {}

  private static long quickestBatchNanos() {
    long quickest = Long.MAX_VALUE;
    float x = 1.1f;
    for (int batch = 0; batch < 10; batch++) {
      long start = System.nanoTime();
      for (int i = 0; i < 16; i++) {
        x = Math.fma(x, 0.7f, 0.3f);
      }
      long nanos = System.nanoTime() - start;
      quickest = Math.min(quickest, x > 0 ? nanos : Long.MAX_VALUE);
    }
    return quickest;
  }
}

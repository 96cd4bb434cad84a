package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// Loops that do nothing but load a machine, to see what it can do at all. Stateless and
/// thread-safe; nothing here allocates.
public interface MachineLoops {

  /// How many bits the vectors have; 0 where there are none.
  int vectorBits();

  /// The sum, modulo 2^64, of the longs from `from` to `to`, which are a multiple of 256 bytes
  /// apart: reads memory once, each quarter of it from its beginning to its end, all four at once.
  long read(MemorySegment data, long from, long to);

  /// How many chains of numbers {@link #multiplyAdds} works on; all their results are independent.
  int CHAINS = 12;

  /// So many multiply-adds, one after the other, on each of {@link #CHAINS} chains of {@link
  /// #lanes} numbers. Chain i begins as `i / CHAINS`. Registers hold everything.
  ///
  /// @return the mean of all numbers in the end
  float multiplyAdds(int rounds);

  /// How many numbers are worked on side by side.
  int lanes();
}

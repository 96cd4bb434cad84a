package dev.inferno;

import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.MachineLoops;
import dev.inferno.internal.kernels.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/// What this machine can do at all, measured: the bytes that it reads from memory, which limit
/// decode, and its multiply-adds, which limit prefill. What a token needs of both says {@link
/// ModelCost}.
///
/// Machines differ and drift, so a speed is to be compared with limits that were measured in the
/// same minutes: ask again now and then, and take the best. Each question takes some tenths of a
/// second, and longer the first time, when its loop is not compiled yet.
///
/// Holds 512 MB outside the heap, which is more than last-level caches do, from the first {@link
/// #bandwidth} until it is closed. For one thread at a time, while nothing else is computed.
public final class MachineLimits implements AutoCloseable {
  private static final long BYTES = 512L << 20;

  /// What a thread reads before it takes the next part: some hundred microseconds of work, so that
  /// threads end together.
  private static final long SLICE = 4L << 20;

  private static final int ROUNDS = 100_000;

  /// How many times {@link #ROUNDS} each thread gets in a run.
  private static final int SHARES = 16;

  private static final int FEWEST_RUNS = 3;
  private static final long SHORTEST_NANOS = 100_000_000;

  private final Arena arena;
  private final MachineLoops loops;
  private Optional<MemorySegment> memory = Optional.empty();
  private final LongAdder sink = new LongAdder(); // or the compiler would leave out what it sums

  private MachineLimits(Arena arena, MachineLoops loops) {
    this.arena = arena;
    this.loops = loops;
  }

  /// The limits of the arithmetic that models are computed with here, vectors or not.
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  public static MachineLimits open() {
    return new MachineLimits(Arena.ofShared(), KernelSets.best().machineLoops());
  }

  /// How many threads compute unless a session says otherwise: the most there are.
  public static int threads() {
    return Team.shared().size();
  }

  /// How many bits the vectors have that are computed with; 0 where the vector module is absent.
  public static int vectorBits() {
    return KernelSets.best().machineLoops().vectorBits();
  }

  /// Bytes a second that are read from memory, in order from a few places: the best of some short
  /// runs.
  ///
  /// @param threads how many threads read, 1 to {@link #threads}
  /// @throws OutOfMemoryError if there is not enough memory to read
  public double bandwidth(int threads) {
    requireThreads(threads);
    MemorySegment data = memory.orElseGet(this::allocate);
    return best(
        BYTES,
        () -> run(threads, task -> sink.add(loops.read(data, task * SLICE, (task + 1) * SLICE))));
  }

  /// Floating-point operations a second in multiply-adds on registers, two for each: the best of
  /// some short runs. With vectors they are fused.
  ///
  /// @param threads how many threads compute, 1 to {@link #threads}
  public double fusedMultiplyAdds(int threads) {
    requireThreads(threads);
    int tasks = SHARES * threads;
    double operations = 2.0 * tasks * ROUNDS * MachineLoops.CHAINS * loops.lanes();
    return best(
        operations,
        () -> Team.shared().run(threads, tasks, _ -> sink.add((long) loops.multiplyAdds(ROUNDS))));
  }

  private MemorySegment allocate() {
    MemorySegment data = arena.allocate(BYTES, 64);
    // The system maps memory only when it is written to.
    run(threads(), task -> data.asSlice(task * SLICE, SLICE).fill((byte) (task + 1)));
    memory = Optional.of(data);
    return data;
  }

  private void run(int threads, Team.Tasks slices) {
    Team.shared().run(threads, (int) (BYTES / SLICE), slices);
  }

  private static double best(double work, Runnable run) {
    long begin = System.nanoTime();
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < FEWEST_RUNS || System.nanoTime() - begin < SHORTEST_NANOS; i++) {
      long start = System.nanoTime();
      run.run();
      shortest = Math.min(shortest, System.nanoTime() - start);
    }
    return work * 1e9 / shortest;
  }

  private static void requireThreads(int threads) {
    if (threads < 1 || threads > threads()) {
      throw new IllegalArgumentException(
          "threads must be 1 to %d, the size of the team (see the system property inferno.threads), but is %d"
              .formatted(threads(), threads));
    }
  }

  /// Frees the memory.
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}

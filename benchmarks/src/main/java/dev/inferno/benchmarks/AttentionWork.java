package dev.inferno.benchmarks;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Attention.Heads;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.Segment;
import dev.inferno.internal.nn.State;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The attention of one layer of SmolLM2-135M without its projections: RoPE, writing to the cache,
/// scores, softmax, and the mix of values. For one thread at a time.
final class AttentionWork {
  static final Heads HEADS = new Heads(9, 3, 64, 64);
  private static final int CHUNK = 512; // rows in one pass
  private static final int WIDTH = 1; // of the residual stream, which nothing is computed from

  private final int threads;
  private final Attention attention;
  private final Rope rope;
  private final KvCache cache;
  private final Segment segment;
  private final Batch batch = new Batch();
  private final Probe probe = new Probe(batch);
  private final State state;
  private final Rows x = new Rows(CHUNK, WIDTH);
  private final Rows out = new Rows(CHUNK, WIDTH);

  AttentionWork(KeyValueType type, int threads) {
    this.threads = threads;
    Kernels kernels = KernelSets.best();
    int width = HEADS.queryKeyValueWidth();
    float[] queryKeyValues = RandomNumbers.seeded(7).floats(CHUNK * width);
    float[] factors = new float[HEADS.keySize() / 2];
    Arrays.fill(factors, 1);
    rope = Rope.of(Rope.Order.NEIGHBOURS, 100_000, HEADS.keySize(), factors);
    attention =
        new Attention(
            fixed(width, WIDTH, queryKeyValues, kernels),
            Optional.empty(),
            rope,
            HEADS,
            new Attention.Scoring((float) (1 / Math.sqrt(HEADS.keySize())), 0, 0),
            fixed(WIDTH, HEADS.zWidth(), new float[0], kernels),
            kernels);
    cache = KvCache.empty(kernels, type, 1, HEADS);
    segment = new Segment(cache, Observer.NOBODY, new float[0]);
    state = new State(WIDTH, width, HEADS.zWidth(), WIDTH, WIDTH);
  }

  private static Linear fixed(int rows, int columns, float[] results, Kernels kernels) {
    return new Linear(new FixedProjection(rows, columns, results), new float[0], kernels);
  }

  /// Fills the cache up to this many positions.
  void fill(int positions) {
    while (cache.length() < positions) {
      int rows = Math.min(CHUNK, positions - cache.length());
      begin(rows);
      attend();
      cache.complete(cache.length() + rows);
    }
  }

  /// From now on {@link #attend} is about so many rows behind what the cache holds.
  void begin(int rows) {
    segment.prepare(new int[rows], new boolean[rows], 0, rows, rows);
    batch.begin(List.of(segment), threads, () -> false);
    x.resize(batch.rows(), batch.longRows());
    state.begin(batch);
    rope.prepare(batch, state);
  }

  /// The rows attend; they stay behind the end of the cache, and so can do it again.
  Rows attend() {
    attention.apply(0, batch, x, out, state, probe);
    return out;
  }
}

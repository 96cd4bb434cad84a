package dev.inferno.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.KeyValueType;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Attention to a past of several runs of pages, in every number format of the cache, with head
/// sizes that are no multiple of anything: what a row gets depends on neither its company, nor the
/// threads, nor who looks on.
class LongAttentionTest {
  private static final int PAST = 2 * SegmentAttention.RUN + 70;
  private static final int LENGTH = PAST + 12;
  private static final int WIDTH = 10;
  private static final Attention.Heads HEADS = new Attention.Heads(6, 2, 36, 21);
  private static final int QKV = HEADS.queryKeyValueWidth();

  private final Kernels kernels = KernelSets.best();
  private final Matrices random = new Matrices(3, kernels);
  private final float[] matrix = random.floats(QKV * WIDTH);
  private final float[] text = random.floats(LENGTH * WIDTH);
  private final float[] identity = identity();

  private static float[] identity() {
    float[] identity = new float[HEADS.zWidth() * HEADS.zWidth()];
    for (int i = 0; i < HEADS.zWidth(); i++) {
      identity[i * HEADS.zWidth() + i] = 1;
    }
    return identity;
  }

  static List<Arguments> settings() {
    List<Arguments> all = new ArrayList<>();
    for (KeyValueType type : KeyValueType.values()) {
      for (int window : new int[] {0, 30, SegmentAttention.RUN, SegmentAttention.RUN + 100}) {
        all.add(Arguments.of(type, new Attention.Scoring(0.03f, 0, window)));
      }
      all.add(Arguments.of(type, new Attention.Scoring(0.03f, 1.5f, 0)));
      Sinks sinks = Sinks.of(150, -3, -1, 1, 3, 5); // the first one leaves nothing to keys
      for (int window : new int[] {0, SegmentAttention.RUN + 100}) {
        var scoring = new Attention.Scoring(0.03f, 0, window);
        all.add(Arguments.of(type, scoring.with(sinks)));
      }
    }
    return all;
  }

  /// Somebody who looks at the scores and the pattern of every row, and changes nothing.
  private static final class Onlooker implements Observer, Observer.AttentionObserver {
    private final Observer nobody = Observer.NOBODY;
    private final double[][] sums = new double[HEADS.heads()][LENGTH]; // of patterns
    private final double[][] onSink = new double[HEADS.heads()][LENGTH];

    @Override
    public boolean wants(Hook hook, int layer) {
      return nobody.wants(hook, layer);
    }

    @Override
    public boolean edits(Hook hook, int layer) {
      return nobody.edits(hook, layer);
    }

    @Override
    public boolean wantsAt(Hook hook, int layer, Segment segment, int position) {
      return nobody.wantsAt(hook, layer, segment, position);
    }

    @Override
    public boolean wantsPart(Hook hook, int layer, int part) {
      return nobody.wantsPart(hook, layer, part);
    }

    @Override
    public boolean wantsRow(Segment segment, int position) {
      return nobody.wantsRow(segment, position);
    }

    @Override
    public boolean wantsLogits(Segment segment, int position) {
      return nobody.wantsLogits(segment, position);
    }

    @Override
    public void at(Hook hook, int layer, Rows rows, int from, int size, Segment segment) {
      nobody.at(hook, layer, rows, from, size, segment);
    }

    @Override
    public void logits(Hook hook, Rows logits, int firstRow, Segment segment, int from, int to) {
      nobody.logits(hook, logits, firstRow, segment, from, to);
    }

    @Override
    public @Nullable AttentionObserver attentionObserver(int layer, Segment segment, int firstKey) {
      return this;
    }

    @Override
    public void scores(int head, int row, float[] scores, int at, int firstKey, int keys) {
      for (int i = at; i < at + keys - firstKey; i++) {
        assertThat(scores[i]).isFinite();
      }
    }

    @Override
    public void sink(int head, int row, float[] share, int at) {
      onSink[head][row] = share[at];
    }

    @Override
    public void pattern(int head, int row, float[] pattern, int at, int firstKey, int keys) {
      double sum = onSink[head][row];
      for (int i = at; i < at + keys - firstKey; i++) {
        sum += pattern[i];
      }
      sums[head][keys - 1] = sum;
    }
  }

  /// A text with its cache.
  private final class Reader {
    private final KvCache cache;
    private final Segment segment;
    private final float[] results = new float[LENGTH * HEADS.zWidth()];

    Reader(KeyValueType type, Observer observer) {
      this.cache = KvCache.empty(kernels, type, 1, HEADS);
      this.segment = new Segment(cache, observer, new float[0]);
    }
  }

  /// What the rows of the text get, passed through in pieces of these lengths, each reader's rows
  /// in the same batches.
  private void read(Attention.Scoring scoring, int threads, int[] pieces, Reader... readers) {
    var attention =
        new Attention(
            random.linear(matrix, QKV, WIDTH),
            Optional.empty(),
            Rope.none(),
            HEADS,
            scoring,
            random.linear(identity, HEADS.zWidth(), HEADS.zWidth()),
            kernels);
    var batch = new Batch();
    var state = new State(WIDTH, QKV, HEADS.zWidth(), 1, 1);
    var out = new Rows(1, HEADS.zWidth());
    int first = 0;
    for (int rows : pieces) {
      float[] x = new float[readers.length * rows * WIDTH];
      List<Segment> segments = new ArrayList<>();
      for (int i = 0; i < readers.length; i++) {
        readers[i].segment.prepare(new int[rows], new boolean[rows], 0, rows, rows);
        segments.add(readers[i].segment);
        System.arraycopy(text, first * WIDTH, x, i * rows * WIDTH, rows * WIDTH);
      }
      batch.begin(segments, threads, () -> false);
      Rows input = Matrices.rows(x, readers.length * rows);
      input.resize(batch.rows(), batch.longRows());
      attention.apply(0, batch, input, out, state, new Probe(batch));
      int width = HEADS.zWidth();
      for (Reader reader : readers) {
        System.arraycopy(
            out.data(),
            reader.segment.firstRow * width,
            reader.results,
            first * width,
            rows * width);
        reader.cache.complete(first + rows);
      }
      first += rows;
    }
    assertThat(first).isEqualTo(LENGTH);
  }

  private static int[] pieces(int first, int rest) {
    int count = (LENGTH - first) / rest;
    return IntStream.concat(IntStream.of(first), IntStream.generate(() -> rest).limit(count))
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aRowHasTheSameBitsAloneAndInCompanyWatchedOrNotOnAnyNumberOfThreads(
      KeyValueType type, Attention.Scoring scoring) {
    Reader alone = new Reader(type, Observer.NOBODY);
    read(scoring, 1, pieces(PAST, 1), alone);
    for (int threads = 1; threads <= 4; threads++) {
      Reader together = new Reader(type, Observer.NOBODY);
      Reader beside = new Reader(type, Observer.NOBODY);
      Reader watched = new Reader(type, new Onlooker());
      read(scoring, threads, pieces(PAST, threads), together, beside, watched);
      assertThat(together.results).as("%d rows at once", threads).isEqualTo(alone.results);
      assertThat(beside.results).as("beside it, %d threads", threads).isEqualTo(alone.results);
      assertThat(watched.results).as("watched, %d threads", threads).isEqualTo(alone.results);
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aPatternIsWholeForEveryRow(KeyValueType type, Attention.Scoring scoring) {
    Onlooker onlooker = new Onlooker();
    read(scoring, 2, pieces(PAST, 3), new Reader(type, onlooker));
    for (double[] sums : onlooker.sums) {
      assertThat(Arrays.stream(sums).min().orElseThrow()).isCloseTo(1, within(1e-5));
      assertThat(Arrays.stream(sums).max().orElseThrow()).isCloseTo(1, within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void whatTheCacheHoldsIsWeighedByTheDefinition(KeyValueType type, Attention.Scoring scoring) {
    for (int[] pieces : new int[][] {{LENGTH}, pieces(PAST, 1)}) {
      Reader reader = new Reader(type, Observer.NOBODY);
      read(scoring, 2, pieces, reader);
      for (int t = PAST - 5; t < LENGTH; t++) {
        double[] queries = Matrices.product(matrix, QKV, text, t);
        for (int head = 0; head < HEADS.heads(); head++) {
          double[] expected = definition(queries, reader.cache, t, head, scoring);
          for (int i = 0; i < expected.length; i++) {
            int at = t * HEADS.zWidth() + head * HEADS.valueSize() + i;
            assertThat((double) reader.results[at])
                .as("position %d, head %d, number %d", t, head, i)
                .isCloseTo(expected[i], within(1e-4));
          }
        }
      }
    }
  }

  private static double[] definition(
      double[] queries, KvCache cache, int t, int head, Attention.Scoring scoring) {
    int shared = head / (HEADS.heads() / HEADS.keyValueHeads());
    int keyAt = shared * HEADS.keySize();
    int valueAt = shared * HEADS.valueSize();
    double[] z = new double[HEADS.valueSize()];
    double sum = 0;
    for (int key = scoring.firstVisible(t); key <= t; key++) {
      float[] keys = cache.keys(0, key, Rope.none(), HEADS.keySize());
      float[] values = cache.values(0, key);
      double score = 0;
      for (int i = 0; i < HEADS.keySize(); i++) {
        score += queries[head * HEADS.keySize() + i] * keys[keyAt + i];
      }
      score *= scoring.scale();
      if (scoring.softcap() > 0) {
        score = scoring.softcap() * Math.tanh(score / scoring.softcap());
      }
      double weight = Math.exp(score);
      sum += weight;
      for (int i = 0; i < z.length; i++) {
        z[i] += weight * values[valueAt + i];
      }
    }
    sum += scoring.sinks().apply() ? Math.exp(scoring.sinks().score(head)) : 0;
    for (int i = 0; i < z.length; i++) {
      z[i] /= sum;
    }
    return z;
  }
}

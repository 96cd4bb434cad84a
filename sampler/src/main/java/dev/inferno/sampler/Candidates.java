package dev.inferno.sampler;

import java.util.Arrays;

/// The tokens that may still be chosen, each with its logit: what a {@link SamplerStage} changes.
///
/// It begins as the whole vocabulary in the order of the ids, backed by the given logits, which are
/// copied before the first write. Once a stage cuts, only the survivors are held, as {@link Keys},
/// and sorted no earlier than somebody needs their order. A candidate whose logit becomes minus
/// infinity is removed when the stage ends.
///
/// Belongs to one {@link SamplerState}; a stage may use it until its `apply` returns.
public final class Candidates {
  /// Up to this many candidates a sort is cheaper than anything cleverer.
  private static final int FEW = 512;

  private static final float UNKNOWN = Float.NaN;

  private final MassHistogram histogram = new MassHistogram();
  private final Extremes extremes = new Extremes();

  private String stage = "logits";
  private int vocabulary;
  private int size;

  /// While complete, candidate i is token i and `logits[i]` its logit; afterwards `keys[i]` is
  /// both.
  private boolean complete;

  private float[] logits = {};
  private boolean isGiven; // and not to be written: these are the caller's
  private float[] ownLogits = {};
  private long[] keys = {};

  private boolean sorted;
  private boolean someAreRemoved;
  private boolean changedInStage;
  private float max = UNKNOWN;
  private double total = UNKNOWN;

  Candidates() {}

  /// How many tokens the vocabulary has.
  public int vocabulary() {
    return vocabulary;
  }

  /// How many candidates there are; they are numbered from 0.
  public int size() {
    return size;
  }

  /// The token id of candidate `i`.
  public int id(int i) {
    return complete ? i : Keys.id(keys[i]);
  }

  /// The logit of candidate `i` as the stages so far have left it.
  public float logit(int i) {
    return complete ? logits[i] : Keys.logit(keys[i]);
  }

  /// Which candidate is the given token, or -1 if it is none any more.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public int indexOf(int id) {
    if (id < 0 || id >= vocabulary) {
      throw new IllegalArgumentException(
          "%s: id %d is outside the vocabulary of %d".formatted(stage, id, vocabulary));
    }
    if (complete) {
      return id;
    }
    for (int i = 0; i < size; i++) {
      if (Keys.id(keys[i]) == id) {
        return i;
      }
    }
    return -1;
  }

  /// Whether every token of the vocabulary is a candidate, so that candidate i is token i.
  public boolean complete() {
    return complete;
  }

  /// The largest logit.
  public float max() {
    if (Float.isNaN(max)) {
      if (complete) {
        extremes.find(logits, size);
        max = extremes.highest();
      } else {
        max = Keys.logit(least(keys, sorted ? 1 : size));
      }
    }
    return max;
  }

  /// The probability of candidate `i` among the candidates, a softmax of their logits.
  public double probability(int i) {
    return probability(logit(i));
  }

  /// Changes the logit of candidate `i`; minus infinity removes it when the stage ends.
  ///
  /// @throws SamplingException if the logit is not a number, or plus infinity
  public void setLogit(int i, float logit) {
    if (!(logit < Float.POSITIVE_INFINITY)) {
      throw new SamplingException(stage, "the logit of token %d became %s".formatted(id(i), logit));
    }
    if (complete) {
      own()[i] = logit;
    } else {
      keys[i] = Keys.of(logit, Keys.id(keys[i]));
    }
    someAreRemoved |= logit == Float.NEGATIVE_INFINITY;
    changed();
  }

  /// Changes every logit.
  ///
  /// @throws SamplingException if a logit becomes not a number, or plus infinity
  public void mapLogits(LogitFunction function) {
    for (int i = 0; i < size; i++) {
      setLogit(i, function.apply(id(i), logit(i)));
    }
  }

  /// Removes candidate `i` when the stage ends. Others keep their numbers until then.
  public void remove(int i) {
    setLogit(i, Float.NEGATIVE_INFINITY);
  }

  /// Keeps the candidates that pass a test, in the order they have.
  public void keepIf(CandidateTest test) {
    long[] kept = roomForKeys(size);
    int count = 0;
    for (int i = 0; i < size; i++) {
      int id = id(i);
      float logit = logit(i);
      if (test.test(id, logit)) {
        kept[count++] = Keys.of(logit, id);
      }
    }
    cut(count, sorted);
    max = UNKNOWN;
  }

  /// Keeps the candidates whose logit is at least `threshold`, in the order they have.
  public void keepAtLeast(float threshold) {
    long[] kept = roomForKeys(size);
    int count = 0;
    for (int i = 0; i < size; i++) {
      float logit = logit(i);
      if (logit >= threshold) {
        kept[count++] = Keys.of(logit, id(i));
      }
    }
    cut(count, sorted);
  }

  /// How many candidates have a logit of at least `threshold`.
  public int countAtLeast(float threshold) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (logit(i) >= threshold) {
        count++;
      }
    }
    return count;
  }

  /// Keeps the `count` best candidates, best first, or all if there are no more.
  public void keepBest(int count) {
    Ranges.atLeast("the number of best candidates", 1, count);
    if (count >= size) {
      return;
    }
    if (complete) {
      KeyHeap.select(logits, size, roomForKeys(count), count);
    } else if (!sorted) {
      KeyHeap.select(keys, size, count);
    }
    cut(count, true);
  }

  /// Keeps the smallest set of best candidates whose probabilities add up to at least `mass`, and
  /// at least `minimum` of them.
  public void keepMass(double mass, int minimum) {
    int last = firstReaching(mass, true);
    if (last + 1 < minimum) {
      keepBest(minimum);
    } else {
      cut(last + 1, sorted);
    }
  }

  /// Orders the candidates by falling logit, ties by the lowest id.
  public void sort() {
    if (!sorted) {
      toKeys();
      KeyHeap.sort(keys, 0, size);
      sorted = true;
      total = UNKNOWN; // it is summed in another order now
    }
  }

  /// Begins with the logits of a whole vocabulary, which are read and not written.
  void begin(LogitStatistics given) {
    stage = "logits";
    logits = given.logits();
    vocabulary = logits.length;
    size = vocabulary;
    isGiven = true;
    complete = true;
    sorted = false;
    total = UNKNOWN;
    max = given.max();
    if (Float.isNaN(max) || max == Float.POSITIVE_INFINITY) {
      throw new SamplingException(stage, "one of the %d is %s".formatted(size, max));
    }
    someAreRemoved = given.finite() < size;
    endStage();
  }

  void beginStage(String name) {
    stage = name;
    changedInStage = false;
  }

  /// Whether any candidate went, or any logit changed, since the stage began.
  boolean changedInStage() {
    return changedInStage;
  }

  /// Drops what the stage removed.
  void endStage() {
    if (someAreRemoved) {
      someAreRemoved = false;
      keepAtLeast(-Float.MAX_VALUE);
    }
    if (size == 0) {
      throw new SamplingException(stage, "no candidate is left");
    }
  }

  /// Divides every logit by a positive number.
  void divide(float divisor) {
    if (Float.isInfinite(max() / divisor)) {
      keepBest(1); // what a temperature this low comes to
      return;
    }
    float newMax = max / divisor; // division keeps order, ties may appear
    if (complete) {
      float[] from = logits;
      float[] to = isGiven ? roomForLogits() : from;
      for (int i = 0; i < size; i++) {
        to[i] = from[i] / divisor;
      }
      logits = to;
      isGiven = false;
      extremes.find(to, size);
      someAreRemoved |= extremes.lowest() == Float.NEGATIVE_INFINITY;
    } else {
      for (int i = 0; i < size; i++) {
        float logit = Keys.logit(keys[i]) / divisor;
        keys[i] = Keys.of(logit, Keys.id(keys[i]));
        someAreRemoved |= logit == Float.NEGATIVE_INFINITY;
      }
    }
    changed();
    max = newMax;
  }

  /// The rank of the first candidate, in falling order, whose cumulative probability exceeds `u`,
  /// or of the last one if rounding leaves none. {@link #drawn} has it.
  int draw(double u) {
    return firstReaching(u, false);
  }

  /// The candidate of the rank that {@link #draw} returned, as one of {@link Keys}.
  long drawn(int rank) {
    return keys[rank];
  }

  /// How many candidates come before candidate `i` in falling order.
  int rank(int i) {
    long key = Keys.of(logit(i), id(i));
    int rank = 0;
    for (int other = 0; other < size; other++) {
      if (Keys.of(logit(other), id(other)) < key) {
        rank++;
      }
    }
    return rank;
  }

  double probability(float logit) {
    return StrictMath.exp((double) logit - max()) / total();
  }

  double logProbability(float logit) {
    return (double) logit - max() - StrictMath.log(total());
  }

  /// The same candidates, free to be ordered otherwise. Shares the given logits, never our own.
  Candidates copy() {
    Candidates copy = new Candidates();
    copy.stage = stage;
    copy.vocabulary = vocabulary;
    copy.size = size;
    copy.complete = complete;
    copy.sorted = sorted;
    copy.max = max;
    copy.total = total;
    if (complete) {
      copy.isGiven = isGiven;
      copy.logits = isGiven ? logits : Arrays.copyOf(logits, size);
    } else {
      copy.keys = Arrays.copyOf(keys, size);
    }
    return copy;
  }

  /// The sum of exp(logit - max): one by one if they are few or in order, else by the histogram.
  private double total() {
    if (Double.isNaN(total)) {
      if (size <= FEW || sorted) {
        total = 0;
        for (int i = 0; i < size; i++) {
          total += StrictMath.exp((double) logit(i) - max());
        }
      } else {
        fillHistogram();
      }
    }
    return total;
  }

  private void fillHistogram() {
    total = complete ? histogram.fill(logits, size, max()) : histogram.fill(keys, size, max());
  }

  /// The rank of the first candidate, in falling order, whose cumulative probability reaches (or
  /// exceeds) a bound; the last one if none does. Afterwards `keys` begins with the candidates up
  /// to that one, which is at its place.
  ///
  /// By definition probabilities are summed one by one in falling order. Where there are many, most
  /// are summed in buckets instead, which may only differ in the last bits: whenever the decision
  /// is so close that those could matter, it is made again by the book.
  private int firstReaching(double bound, boolean equalCounts) {
    if (size > FEW && !sorted) {
      int found = firstReachingByBuckets(bound);
      if (found >= 0) {
        return found;
      }
    }
    sort();
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += probability(Keys.logit(keys[i]));
      if (equalCounts ? sum >= bound : sum > bound) {
        return i;
      }
    }
    return size - 1;
  }

  /// As {@link #firstReaching}, or -1 if that is too close to call.
  private int firstReachingByBuckets(double bound) {
    fillHistogram();
    int bucket = histogram.bucketReaching(bound);
    int end =
        complete
            ? histogram.gather(bucket, logits, size, roomForKeys(size))
            : histogram.gather(bucket, keys, size);
    int start = histogram.separate(bucket, keys, end);
    KeyHeap.sort(keys, start, end);
    // Either way of summing n terms is off by at most n half units in the last place of the sum.
    double doubt = 1e-12 + size * 0x1p-50;
    double sum = histogram.massBefore(bucket) / total;
    for (int i = start; i < end && Math.abs(sum - bound) > doubt; i++) {
      sum += probability(Keys.logit(keys[i]));
      if (sum > bound + doubt) {
        return i;
      }
    }
    return -1;
  }

  /// Ends with the first `count` of `keys`, the best candidate among them.
  private void cut(int count, boolean inOrder) {
    changedInStage = true;
    complete = false;
    sorted = inOrder;
    size = count;
    total = UNKNOWN;
  }

  private void toKeys() {
    if (complete) {
      roomForKeys(size);
      for (int i = 0; i < size; i++) {
        keys[i] = Keys.of(logits[i], i);
      }
      complete = false;
    }
  }

  private void changed() {
    changedInStage = true;
    sorted = false;
    max = UNKNOWN;
    total = UNKNOWN;
  }

  private float[] own() {
    if (isGiven) {
      float[] own = roomForLogits();
      System.arraycopy(logits, 0, own, 0, size);
      logits = own;
      isGiven = false;
    }
    return logits;
  }

  private float[] roomForLogits() {
    if (ownLogits.length < vocabulary) {
      ownLogits = new float[vocabulary];
    }
    return ownLogits;
  }

  private long[] roomForKeys(int count) {
    if (keys.length < count) {
      keys = new long[count];
    }
    return keys;
  }

  private static long least(long[] values, int count) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, values[i]);
    }
    return least;
  }
}

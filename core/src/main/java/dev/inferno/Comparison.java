package dev.inferno;

import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;

/// Compares a model with another one that has the same vocabulary, such as one with its own
/// quantization: how far their predictions are apart on a text, and from which layer on their
/// residual streams are.
///
/// ```java
/// Divergence divergence = Comparison.of(original, quantized).on(text);
/// divergence.kl().mean();         // nats per position
/// divergence.firstDifference();   // the first layer where they part
/// ```
///
/// Both models read the text in the same windows, which do not overlap, a few positions at a time,
/// with keys and values in float32. Memory does not grow with the text, but for a number per
/// position.
///
/// A recipe: immutable, and thread-safe if its progress is.
public final class Comparison {
  private static final double THRESHOLD = 0.05;

  private final Model model;
  private final Model other;
  private final int window;
  private final double threshold;
  private final OptionalInt threads;
  private final Progress progress;

  /// Is told how far a comparison is.
  @FunctionalInterface
  public interface Progress {
    /// So many of the tokens were compared.
    void at(int done, int of);
  }

  private Comparison(
      Model model,
      Model other,
      int window,
      double threshold,
      OptionalInt threads,
      Progress progress) {
    this.model = model;
    this.other = other;
    this.window = window;
    this.threshold = threshold;
    this.threads = threads;
    this.progress = progress;
  }

  /// The comparison of a model with another one, in windows as long as both were trained for.
  ///
  /// @throws IllegalArgumentException if their vocabularies are different, as far as they are known
  public static Comparison of(Model model, Model other) {
    requireSameVocabulary(model, other);
    int window = Math.min(model.info().contextLength(), other.info().contextLength());
    return new Comparison(
        model, other, Math.max(2, window), THRESHOLD, OptionalInt.empty(), (_, _) -> {});
  }

  private static void requireSameVocabulary(Model model, Model other) {
    String names = "%s and %s".formatted(model.info().name(), other.info().name());
    int size = model.info().vocabulary();
    if (size != other.info().vocabulary()) {
      throw new IllegalArgumentException(
          "%s have different vocabularies: of %d and of %d tokens"
              .formatted(names, size, other.info().vocabulary()));
    }
    if (model.vocabulary().isEmpty() || other.vocabulary().isEmpty()) {
      return;
    }
    Tokenizer ours = model.vocabulary().get();
    Tokenizer theirs = other.vocabulary().get();
    int known = Math.min(ours.vocabularySize(), theirs.vocabularySize()); // either may be padded
    for (int id = 0; id < known; id++) {
      if (!ours.piece(id).equals(theirs.piece(id))) {
        throw new IllegalArgumentException(
            "%s have different vocabularies: token %d is '%s' in one and '%s' in the other"
                .formatted(names, id, ours.piece(id), theirs.piece(id)));
      }
    }
  }

  /// With windows of so many tokens.
  ///
  /// @throws IllegalArgumentException if it is less than 2
  public Comparison window(int window) {
    if (window < 2) {
      throw new IllegalArgumentException("window must be at least 2, but is " + window);
    }
    return new Comparison(model, other, window, threshold, threads, progress);
  }

  /// Looking for the first layer where the mean difference of the residual streams is more than
  /// this share of the model's mean magnitude. 0.05 if it is not given.
  ///
  /// @throws IllegalArgumentException if it is negative or not finite
  public Comparison threshold(double threshold) {
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw new IllegalArgumentException(
          "threshold must be at least 0 and finite, but is " + threshold);
    }
    return new Comparison(model, other, window, threshold, threads, progress);
  }

  /// With so many threads, see {@link SessionOptions#threads(int)}.
  ///
  /// @throws IllegalArgumentException if it is less than 1
  public Comparison threads(int threads) {
    OptionalInt checked = SessionOptions.defaults().threads(threads).threads();
    return new Comparison(model, other, window, threshold, checked, progress);
  }

  /// Told how far it is, on the thread that compares.
  public Comparison progress(Progress progress) {
    return new Comparison(model, other, window, threshold, threads, progress);
  }

  /// Compares the models on a text, which is encoded as plain text, with what the model puts before
  /// a text.
  ///
  /// @throws IllegalArgumentException if the text has no tokens
  /// @throws CancellationException if the thread was interrupted, or a model closed
  /// @throws dev.inferno.format.UnsupportedModelException if neither model has a tokenizer
  public Divergence on(String text) {
    Optional<Tokenizer> tokenizer = model.vocabulary().or(other::vocabulary);
    if (tokenizer.isEmpty()) {
      model.requireText();
    }
    EncodeOptions plain = EncodeOptions.prompt().withParsedSpecials(false);
    return on(tokenizer.orElseThrow().encode(text, plain).ids());
  }

  /// Compares the models on these tokens as they are.
  ///
  /// @throws IllegalArgumentException if there are none, or one is not in the vocabulary
  /// @throws CancellationException if the thread was interrupted, or a model closed
  public Divergence on(int... ids) {
    if (ids.length == 0) {
      throw new IllegalArgumentException("the text has no tokens to compare models on");
    }
    SessionOptions options =
        SessionOptions.defaults()
            .keyValueType(KeyValueType.F32)
            .contextLength(Math.min(window, ids.length));
    if (threads.isPresent()) {
      options = options.threads(threads.getAsInt());
    }
    var sides = new SideBySideRun(model, other, ids.length);
    int windows = 0;
    try {
      for (int from = 0; from < ids.length; from += Math.min(window, ids.length - from)) {
        int end = from + Math.min(window, ids.length - from);
        int begin = from;
        sides.window(
            Arrays.copyOfRange(ids, from, end),
            options,
            done -> progress.at(begin + done, ids.length));
        windows++;
      }
    } catch (CancellationException e) {
      throw new CancellationException("the comparison was cancelled");
    }
    return sides.divergence(windows, threshold);
  }
}

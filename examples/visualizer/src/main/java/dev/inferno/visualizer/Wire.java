package dev.inferno.visualizer;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.inferno.ModelInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that goes over the wire, as data: the schema that `docs/guides/wire.md` explains.
/// What is absent is left out of the JSON. Integers of 64 bits are strings, since a browser's
/// numbers end at 53.
final class Wire {
  /// The version of the schema; it changes when a field changes its meaning or goes away.
  static final int VERSION = 1;

  private Wire() {}

  /// The first event of each connection, and the only one without an id.
  ///
  /// @param oldest the number of the oldest event that is still kept
  /// @param next the number that the next event will have
  record Hello(int wire, String epoch, long oldest, long next) {}

  /// Events that were not kept long enough for this reader, by their numbers, both inclusive.
  record Dropped(long count, long from, long to) {}

  /// How far the model is: `loading`, `ready` or `failed`.
  record ModelStatus(
      String status,
      String name,
      @Nullable Long bytes,
      @Nullable Long total,
      @Nullable String message,
      @Nullable ModelInfo info) {}

  /// What the worker does: `idle`, `running` or `paused`.
  ///
  /// @param queued how many runs wait
  /// @param pace how many milliseconds each step takes at least
  record State(String status, @Nullable String run, int queued, int pace) {}

  /// A run begins.
  ///
  /// @param recorded whether it is the run that ships with the page
  /// @param group what its sender called the runs that belong together
  /// @param label what its sender called this one
  record Run(
      String run,
      boolean recorded,
      String group,
      String label,
      String prompt,
      boolean parseSpecial,
      int maxTokens,
      String seed,
      SamplerSettings sampler,
      int top,
      ModelInfo model,
      int contextLength) {}

  /// The tokens of its prompt.
  record Prompt(String run, int firstPosition, List<Token> tokens) {}

  /// A token.
  ///
  /// @param piece as the vocabulary has it, in which a blank may be `Ġ` or `▁`
  /// @param text its text by itself, U+FFFD where it is part of a character
  /// @param bytes its bytes in hexadecimal
  record Token(int id, String piece, String text, String bytes, boolean special) {}

  /// A token of a text, and the bytes and chars of the text that it stands for.
  record PlacedToken(
      int id,
      String piece,
      String text,
      String bytes,
      boolean special,
      int byteStart,
      int byteEnd,
      int charStart,
      int charEnd) {}

  /// The answer to `POST /api/tokenize`.
  record Tokens(List<PlacedToken> tokens) {}

  /// A step is done.
  ///
  /// @param prefix how many tokens the choice was made from
  /// @param text the text that became certain
  /// @param sampling absent if nothing was chosen
  /// @param norms L2 norms at the last position, by wire name, one for each layer
  /// @param tensors what `GET /api/runs/RUN/steps/STEP/tensors/NAME` gives
  /// @param keptFrom the oldest step of which tensors are kept; absent while all are
  record Step(
      String run,
      int step,
      int firstPosition,
      int rows,
      int prefix,
      String text,
      long forwardNanos,
      long samplingNanos,
      int cachedPositions,
      @Nullable Sampling sampling,
      Map<String, float[]> norms,
      List<TensorInfo> tensors,
      @Nullable StepName keptFrom) {}

  /// A step of a run.
  record StepName(String run, int step) {}

  /// A tensor that is kept for a while.
  ///
  /// @param axes what each axis counts: `layer`, `head`, `query`, `key`, `width`, `token`
  /// @param firstPosition the absolute position of the first query
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record TensorInfo(String name, List<String> axes, int[] shape, int firstPosition) {}

  /// From logits to a choice: in a step, and as the answer to `POST /api/resample`.
  ///
  /// @param entropy of the softmax of the raw logits, in nats
  /// @param effectiveChoices e to the power of the entropy
  /// @param margin the distance between the two largest raw logits
  /// @param candidates the likeliest before the stages, in falling order, then those likeliest
  ///   after them that are not among the former, then the chosen one if it is neither
  record Sampling(
      int vocabulary,
      double entropy,
      double effectiveChoices,
      double margin,
      List<Candidate> candidates,
      List<Stage> stages,
      Distribution distribution,
      @Nullable Drawn draw,
      Choice selection) {}

  /// A token that might be chosen.
  ///
  /// @param rank its place among the raw logits, 1 for the largest
  /// @param logit its raw logit
  /// @param probability its probability in the softmax of the raw logits
  /// @param finalLogit its logit after all stages; absent if one of them removed it
  /// @param finalProbability its probability after all stages; 0 if one of them removed it
  /// @param removedBy the index of the stage that removed it; absent if none did
  record Candidate(
      Token token,
      int rank,
      float logit,
      double probability,
      @Nullable Float finalLogit,
      double finalProbability,
      @Nullable Integer removedBy) {}

  /// What a stage of the sampler did.
  ///
  /// @param massRemoved the probability, as it was before the stage, of the candidates it removed
  /// @param best the likeliest candidates that it left
  record Stage(
      int index,
      String name,
      Map<String, Object> parameters,
      int entered,
      int kept,
      double massRemoved,
      long nanos,
      List<Weighted> best) {}

  /// A token, its logit and its probability at some point of the chain.
  record Weighted(int id, float logit, double probability) {}

  /// What is drawn from.
  ///
  /// @param best the likeliest, in falling order: where they lie on the cumulative bar
  record Distribution(int size, List<Segment> best) {}

  /// A token's part of the cumulative bar, from inclusive, to exclusive.
  record Segment(int id, double probability, double from, double to) {}

  /// The random number and the part of the cumulative bar that it fell on.
  record Drawn(String seed, long index, double u, double from, double to) {}

  /// The token that was chosen.
  ///
  /// @param rank its place among the raw logits, 1 for the largest
  /// @param rankAfter its place among the candidates that were left, 1 for the likeliest; 0 if it
  ///   was forced and none of them
  /// @param probability its probability after all stages
  /// @param logProbability the logarithm of its probability in the softmax of the raw logits
  record Choice(
      Token token,
      int position,
      int rank,
      int rankAfter,
      double probability,
      double logProbability,
      boolean forced) {}

  /// A run ended.
  ///
  /// @param reason `length`, `stop`, `eos`, `cancelled`, `context`, `listener` or `failed`
  /// @param message why it failed
  /// @param text the text that became certain with the end
  record RunEnd(
      String run,
      String reason,
      @Nullable String message,
      String text,
      int promptTokens,
      int generatedTokens,
      long prefillNanos,
      long decodeNanos) {}

  /// The body of `POST /api/generate`.
  record Generate(
      @JsonProperty(required = true) String prompt,
      @Nullable Integer maxTokens,
      @Nullable String seed,
      @Nullable SamplerSettings sampler,
      @Nullable Boolean parseSpecial,
      @Nullable List<String> stops,
      @Nullable Integer top,
      @Nullable Integer pace,
      @Nullable String group,
      @Nullable String label) {}

  /// The body of what has nothing to say: `{}`.
  record Nothing() {}

  /// The answer to `GET /api/state`.
  record StateAndModel(State state, ModelStatus model) {}

  /// The answer to `GET /api/runs/RUN`.
  record RunAndPrompt(Run run, @Nullable Prompt prompt) {}

  /// The answer to `POST /api/generate`.
  record Accepted(String run) {}

  /// The body of `POST /api/pace`.
  record Pace(@JsonProperty(required = true) int millis) {}

  /// The body of `POST /api/tokenize`.
  record Tokenize(@JsonProperty(required = true) String text, @Nullable Boolean parseSpecial) {}

  /// The body of `POST /api/resample`.
  record Resample(
      @JsonProperty(required = true) String run,
      @JsonProperty(required = true) int step,
      @Nullable SamplerSettings sampler,
      @Nullable String seed,
      @Nullable Integer top) {}

  /// What was wrong, as the answer to any request.
  record Failure(String error) {}
}

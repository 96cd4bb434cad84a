package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever does what is shown comes to the same tokens, and what is shown follows the rule: ranks
/// and scores are taken from the vocabularies here, too.
class ShownWorkTest {

  private static final int ABSENT = Integer.MAX_VALUE;

  /// In longer pieces it is not looked for a pair that should have gone first.
  private static final int MOST_SYMBOLS = 100;

  @TempDir private static Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "smollm2"})
  void bytesAreMergedByTheListOfTheVocabulary(String name) {
    Map<String, Integer> ranks = new HashMap<>();
    Utf8List merges = metadata(name).strings(Metadata.MERGES);
    for (int i = 0; i < merges.size(); i++) {
      ranks.putIfAbsent(merges.get(i), i);
    }
    ExpectedIds vocabulary = ExpectedIds.resource(name);
    replay(
        vocabulary.tokenizer(),
        vocabulary.texts(),
        () -> new Replay(ShownWorkTest::pair, pair -> ranks.getOrDefault(pair, ABSENT), List::of));
  }

  @Test
  void charactersAreMergedByTheScoresOfTheVocabulary() {
    Metadata metadata = metadata("mistral_v1");
    Utf8List tokens = metadata.strings(Metadata.TOKENS);
    float[] scores = metadata.tokenFloats(Metadata.SCORES, tokens.size());
    long[] types = metadata.tokenIntegers(Metadata.TOKEN_TYPES, tokens.size()).orElseThrow();
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    Map<String, Integer> ranks = new HashMap<>();
    for (int id = 0; id < scores.length; id++) {
      if (types[id] == 1) {
        int below = -1 - Arrays.binarySearch(sorted, Math.nextDown(scores[id])); // no score is that
        ranks.put(tokens.get(id), scores.length - below);
      }
    }
    ExpectedIds vocabulary = ExpectedIds.resource("mistral_v1");
    replay(
        vocabulary.tokenizer(),
        vocabulary.texts(),
        () ->
            new Replay(
                String::concat,
                merged -> ranks.getOrDefault(merged, ABSENT),
                symbol -> ranks.containsKey(symbol) ? List.of(symbol) : bytes(symbol)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1"})
  void whatATokenizerJsonHasIsMergedByItsList(String name) {
    byte[] file = GgufMetadata.resourceBytes(name + ".tokenizer.json.gz");
    Map<String, Integer> ranks = new HashMap<>();
    JsonNode model = ExpectedIds.json(file).get("model");
    for (JsonNode merge : model.get("merges")) {
      String pair =
          merge.isTextual() ? merge.asText() : pair(merge.get(0).asText(), merge.get(1).asText());
      ranks.put(pair, ranks.size());
    }
    replay(
        new TokenizerFolder(folder).read(name + ".json", file),
        ExpectedIds.resource(name).texts(),
        () ->
            new Replay(
                ShownWorkTest::pair,
                pair -> ranks.getOrDefault(pair, ABSENT),
                symbol -> model.get("vocab").has(symbol) ? List.of(symbol) : bytes(symbol)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theBestOfTheCandidatesAreTheTokens(boolean fromJson) {
    Tokenizer tokenizer =
        fromJson
            ? new TokenizerFolder(folder)
                .read("ugm.json", GgufMetadata.resourceBytes("ugm_small.tokenizer.json.gz"))
            : ExpectedIds.resource("ugm_small").tokenizer();
    replay(
        tokenizer,
        ExpectedIds.resource("ugm_small").texts(),
        () -> new Lattice(fromJson, tokenizer.id(SpecialToken.UNKNOWN).orElseThrow()));
  }

  private static Metadata metadata(String name) {
    return new Metadata(GgufMetadata.resource(name + ".vocab.gguf.gz"), warning -> {});
  }

  private static String pair(String left, String right) {
    return left + " " + right;
  }

  /// What is told of one text.
  private interface Replayed extends Consumer<EncodingStep> {
    void end();
  }

  private static void replay(Tokenizer tokenizer, List<String> texts, Supplier<Replayed> replays) {
    for (String text : texts) {
      Replayed replay = replays.get();
      tokenizer.encode(text, EncodeOptions.defaults(), replay);
      replay.end();
    }
  }

  private static List<String> bytes(String symbol) {
    List<String> bytes = new ArrayList<>();
    for (byte octet : Utf8.encode(symbol)) {
      bytes.add("<0x%02X>".formatted(octet & 0xFF));
    }
    return bytes;
  }

  /// Does the merges that are shown.
  private static final class Replay implements Replayed {
    private final BinaryOperator<String> key;
    private final ToIntFunction<String> ranks;
    private final Function<String, List<String>> tokensOf;

    private final NavigableMap<Integer, String> symbols = new TreeMap<>();
    private final List<String> tokens = new ArrayList<>();
    private final StringBuilder pieces = new StringBuilder();
    private String normalized = "";

    /// @param key what a pair is ranked by
    /// @param tokensOf what becomes of a symbol that is left in the end
    Replay(
        BinaryOperator<String> key,
        ToIntFunction<String> ranks,
        Function<String, List<String>> tokensOf) {
      this.key = key;
      this.ranks = ranks;
      this.tokensOf = tokensOf;
    }

    @Override
    public void accept(EncodingStep step) {
      switch (step) {
        case EncodingStep.Normalized part -> {
          end();
          normalized = part.text();
          pieces.setLength(0);
        }
        case EncodingStep.Piece piece -> {
          endPiece();
          pieces.append(piece.text());
        }
        case EncodingStep.Symbols start -> {
          for (String symbol : start.symbols()) {
            symbols.put(symbols.size(), symbol);
          }
        }
        case EncodingStep.Merge merge -> merge(merge);
        case EncodingStep.Token token -> {
          switch (token.origin()) {
            case ADDED, FOUND -> end();
            case PIECE, BYTE, UNKNOWN -> tokens.add(token.token());
          }
        }
        case EncodingStep.Dropped _ -> {}
        case EncodingStep.Candidate _, EncodingStep.Match _ -> throw new AssertionError(step);
      }
    }

    private void merge(EncodingStep.Merge merge) {
      int at = symbols.size() <= MOST_SYMBOLS ? next() : merge.leftAt();
      String left = symbols.getOrDefault(at, "nothing");
      int rightAt = Objects.requireNonNull(symbols.higherKey(at));
      String right = symbols.getOrDefault(rightAt, "nothing");
      int rank = ranks.applyAsInt(key.apply(left, right));
      assertThat(merge)
          .isEqualTo(new EncodingStep.Merge(at, rightAt, left, right, left + right, rank));
      symbols.put(at, left + right);
      symbols.remove(rightAt);
    }

    /// Where the leftmost of the pairs of the lowest rank is, or -1.
    private int next() {
      int best = -1;
      int bestRank = ABSENT;
      for (int at = symbols.isEmpty() ? -1 : symbols.firstKey(); at >= 0; ) {
        Map.Entry<Integer, String> right = symbols.higherEntry(at);
        if (right == null) {
          break;
        }
        int rank = ranks.applyAsInt(key.apply(symbols.get(at), right.getValue()));
        if (rank < bestRank) {
          best = at;
          bestRank = rank;
        }
        at = right.getKey();
      }
      return best;
    }

    private void endPiece() {
      assertThat(next()).as("%s can be merged further", symbols).isNegative();
      List<String> expected = new ArrayList<>();
      symbols.values().forEach(symbol -> expected.addAll(tokensOf.apply(symbol)));
      assertThat(tokens).isEqualTo(expected);
      symbols.clear();
      tokens.clear();
    }

    @Override
    public void end() {
      endPiece();
      assertThat(pieces.toString()).isEqualTo(normalized);
    }
  }

  /// Goes the best way through the candidates that are shown.
  private static final class Lattice implements Replayed {
    private final boolean exact;
    private final int unknown;
    private final Map<Integer, EncodingStep.Candidate> best = new HashMap<>();
    private final List<Integer> tokens = new ArrayList<>();
    private int length;

    /// @param exact whether sums are not rounded to `float`
    Lattice(boolean exact, int unknown) {
      this.exact = exact;
      this.unknown = unknown;
    }

    @Override
    public void accept(EncodingStep step) {
      switch (step) {
        case EncodingStep.Piece piece -> {
          end();
          length = piece.text().length();
        }
        case EncodingStep.Candidate candidate -> weigh(candidate);
        case EncodingStep.Token token -> {
          if (token.origin() == EncodingStep.Origin.PIECE) {
            tokens.add(token.id());
          }
        }
        default -> {}
      }
    }

    private EncodingStep.Candidate last(int end) {
      return Objects.requireNonNull(best.get(end));
    }

    private void weigh(EncodingStep.Candidate candidate) {
      double before = candidate.start() == 0 ? 0 : last(candidate.start()).sum();
      double sum = before + candidate.score();
      assertThat(candidate.sum()).isEqualTo(exact ? sum : (float) sum);
      EncodingStep.Candidate other = best.get(candidate.end());
      assertThat(candidate.isBest()).isEqualTo(other == null || candidate.sum() > other.sum());
      if (candidate.isBest()) {
        best.put(candidate.end(), candidate);
      }
    }

    @Override
    public void end() {
      List<Integer> way = new ArrayList<>();
      for (int end = length; end > 0; end = last(end).start()) {
        if (last(end).id() != unknown) {
          way.addFirst(last(end).id());
        }
      }
      assertThat(tokens).isEqualTo(way);
      best.clear();
      tokens.clear();
      length = 0;
    }
  }
}

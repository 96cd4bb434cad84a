package dev.inferno.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.sampler.Reference.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Random chains on random logits against sorting everything: the same candidates behind every
/// stage, the same choice, watched and unwatched.
class SamplingPropertyTest {
  private static final int[] SIZES = {1, 2, 17, 511, 512, 513, 3000, 20_000};
  private static final int LARGE = 200_000;

  /// A stage and what it does by definition.
  private enum Kind {
    TOP_K,
    TOP_P,
    MIN_P,
    TEMPERATURE;

    private SamplerStage stage(Random random) {
      return switch (this) {
        case TOP_K -> SamplerStage.topK(1 + random.nextInt(random.nextBoolean() ? 60 : 4000));
        case TOP_P -> SamplerStage.topP(random.nextInt(1, 1000) / 1000f, random.nextInt(4));
        case MIN_P -> SamplerStage.minP(random.nextInt(1, 1000) / 1000f, random.nextInt(4));
        case TEMPERATURE -> SamplerStage.temperature(random.nextInt(1, 30) / 10f);
      };
    }
  }

  private static List<Token> apply(SamplerStage stage, List<Token> sorted) {
    return switch (stage) {
      case TopK topK -> sorted.subList(0, Math.min(topK.k(), sorted.size()));
      case TopP topP -> {
        int kept = Math.max(Reference.topP(sorted, topP.p()).size(), topP.minKeep());
        yield sorted.subList(0, Math.min(kept, sorted.size()));
      }
      case MinP minP -> {
        float threshold = sorted.get(0).logit() + (float) StrictMath.log(minP.p());
        long kept = sorted.stream().filter(token -> token.logit() >= threshold).count();
        if (minP.minKeep() > 1) {
          kept = Math.max(kept, Math.min(minP.minKeep(), sorted.size()));
        }
        yield sorted.subList(0, (int) kept);
      }
      case Temperature temperature -> {
        float[] divided = new float[sorted.stream().mapToInt(Token::id).max().orElseThrow() + 1];
        Arrays.fill(divided, Float.NEGATIVE_INFINITY);
        sorted.forEach(token -> divided[token.id()] = token.logit() / temperature.temperature());
        yield Reference.inFallingOrder(divided);
      }
      default -> throw new IllegalArgumentException("no reference for " + stage);
    };
  }

  private static float[] logits(Random random) {
    int size = SIZES[random.nextInt(SIZES.length)];
    double deviation = new double[] {0, 1e-3, 1, 4, 40}[random.nextInt(5)];
    int steps = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0; // few distinct values, ties
    float[] logits = Reference.logits(size, deviation, steps, random.nextLong());
    if (random.nextInt(3) == 0) {
      for (int i = 1; i < size; i++) {
        if (random.nextInt(4) == 0) {
          logits[i] = Float.NEGATIVE_INFINITY;
        }
      }
    }
    if (random.nextInt(4) == 0) { // a few that stand out
      for (int i = 0; i < Math.min(size, 5); i++) {
        logits[random.nextInt(size)] = 10 + random.nextInt(3);
      }
    }
    for (int i = 0; i < size; i++) {
      logits[i] += 0f; // minus zero comes out as zero
    }
    return logits;
  }

  static IntStream seeds() {
    return IntStream.range(0, 150);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyStageAndTheChoiceAreThoseOfSortingEverything(int seed) {
    var random = new Random(seed);
    List<SamplerStage> stages = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      stages.add(Kind.values()[random.nextInt(Kind.values().length)].stage(random));
    }
    check(stages, logits(random), seed);
  }

  @ParameterizedTest
  @MethodSource("wholeVocabularyStages")
  void soTheyAreOnALargeVocabulary(SamplerStage stage) {
    check(List.of(stage), Reference.logits(LARGE, 1, 0, 1), 1);
  }

  static List<SamplerStage> wholeVocabularyStages() {
    return List.of(
        SamplerStage.topK(40),
        SamplerStage.topP(0.9f),
        SamplerStage.topP(0.999f),
        SamplerStage.minP(0.05f));
  }

  private static void check(List<SamplerStage> stages, float[] logits, long seed) {
    Sampler sampler = Sampler.chain(stages);
    var expected = new ArrayList<List<Token>>();
    List<Token> tokens = Reference.inFallingOrder(logits);
    for (SamplerStage stage : stages) {
      tokens = apply(stage, tokens);
      expected.add(tokens);
    }
    double u = Draw.of(seed, 0).u();

    SamplerState unwatched = sampler.start(seed);
    Choice choice = unwatched.sample(logits);
    assertThat(choice.id())
        .as("chosen by %s, u = %s", stages, u)
        .isEqualTo(Reference.draw(tokens, u));
    assertThat(tokens.get(choice.rank()).id()).isEqualTo(choice.id());
    double[] sums = Reference.cumulative(tokens);
    double before = choice.rank() == 0 ? 0 : sums[choice.rank() - 1];
    assertThat(choice.probability()).isCloseTo(sums[choice.rank()] - before, within(1e-11));

    var watched = sampler.start(seed);
    var seen = new ArrayList<List<Token>>();
    watched.observe(
        new SamplingListener() {
          @Override
          public void onStage(StageView stage) {
            List<Token> after = new ArrayList<>();
            for (int rank = 0; rank < stage.after().size(); rank++) {
              after.add(new Token(stage.after().id(rank), stage.after().logit(rank)));
            }
            seen.add(after);
          }
        });
    assertThat(watched.sample(logits)).isEqualTo(choice);
    assertThat(seen).as("%s", stages).isEqualTo(expected);
  }
}

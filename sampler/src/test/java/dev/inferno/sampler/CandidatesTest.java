package dev.inferno.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.sampler.Reference.Token;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CandidatesTest {
  private static Candidates begin(float[] logits) {
    Candidates candidates = new Candidates();
    candidates.begin(LogitStatistics.of(logits));
    return candidates;
  }

  /// Of those of a vocabulary twice as large, so that they are held as keys.
  private static Candidates beginCut(float[] logits) {
    float[] padded = new float[2 * logits.length];
    System.arraycopy(logits, 0, padded, 0, logits.length);
    Candidates candidates = begin(padded);
    candidates.keepIf((id, logit) -> id < logits.length);
    return candidates;
  }

  private static List<Token> inFallingOrder(Candidates candidates) {
    candidates.sort();
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      tokens.add(new Token(candidates.id(i), candidates.logit(i)));
    }
    return tokens;
  }

  @ParameterizedTest
  @ValueSource(floats = {0f, 1f, -1f, 1.4E-45f, -1.4E-45f, Float.MAX_VALUE, -Float.MAX_VALUE, 0.1f})
  void aKeyHoldsIdAndLogit(float logit) {
    assertThat(Keys.logit(Keys.of(logit, 151_935))).isEqualTo(logit);
    assertThat(Keys.id(Keys.of(logit, 151_935))).isEqualTo(151_935);
  }

  @Test
  void keysOrderByFallingLogitThenById() {
    assertThat(Keys.of(2, 9)).isLessThan(Keys.of(1, 0));
    assertThat(Keys.of(-1, 9)).isLessThan(Keys.of(-2, 0));
    assertThat(Keys.of(1, 3)).isLessThan(Keys.of(1, 4));
    assertThat(Keys.of(-0f, 3)).isLessThan(Keys.of(0f, 4));
  }

  @ParameterizedTest
  @CsvSource({"8,1,0", "100,3,2", "512,2,0", "513,2,4", "5000,1,0", "5000,4,8", "5000,40,0"})
  void theBestAreThoseOfAFullSort(int size, double deviation, int steps) {
    float[] logits = Reference.logits(size, deviation, steps, size);
    List<Token> sorted = Reference.inFallingOrder(logits);
    for (int count : new int[] {1, 2, 7, size / 2, size - 1, size, size + 1}) {
      List<Token> expected = sorted.subList(0, Math.min(size, count));
      for (Candidates candidates : List.of(begin(logits), beginCut(logits))) {
        candidates.keepBest(count);
        assertThat(inFallingOrder(candidates)).as("best %d", count).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "8,1,0",
    "100,3,2",
    "512,2,0",
    "513,2,4",
    "5000,1,0",
    "5000,4,8",
    "5000,40,0",
    "5000,0.001,0",
    "5000,0,1"
  })
  void theMassIsThatOfSumsInFallingOrder(int size, double deviation, int steps) {
    float[] logits = Reference.logits(size, deviation, steps, size);
    List<Token> sorted = Reference.inFallingOrder(logits);
    for (double mass : new double[] {1e-9, 0.1, 0.5, 0.9, 0.999, 0.9999999, 1}) {
      List<Token> expected = Reference.topP(sorted, mass);
      for (Candidates candidates : List.of(begin(logits), beginCut(logits))) {
        candidates.keepMass(mass, 1);
        assertThat(inFallingOrder(candidates)).as("mass %s", mass).isEqualTo(expected);
      }
    }
  }

  @Test
  void aBoundThatIsExactlyReachedIsDecidedAsSumsInFallingOrderDecide() {
    float[] logits = Reference.logits(3000, 2, 0, 1);
    List<Token> sorted = Reference.inFallingOrder(logits);
    double[] sums = Reference.cumulative(sorted);
    for (int rank : new int[] {0, 1, 10, 500, 2000}) {
      for (double bound :
          new double[] {Math.nextDown(sums[rank]), sums[rank], Math.nextUp(sums[rank])}) {
        Candidates kept = begin(logits);
        kept.keepMass(bound, 1);
        assertThat(inFallingOrder(kept)).isEqualTo(Reference.topP(sorted, bound));
        Candidates drawn = begin(logits);
        assertThat(Keys.id(drawn.drawn(drawn.draw(bound))))
            .isEqualTo(Reference.draw(sorted, bound));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"8,1,0", "512,3,2", "513,2,4", "5000,1,0", "5000,4,8", "5000,40,0", "5000,0,1"})
  void theDrawIsThatOfSumsInFallingOrder(int size, double deviation, int steps) {
    float[] logits = Reference.logits(size, deviation, steps, size);
    List<Token> sorted = Reference.inFallingOrder(logits);
    for (double u : new double[] {0, 1e-9, 0.1, 0.5, 0.77, 0.999, 1 - 0x1p-53}) {
      int expected = Reference.draw(sorted, u);
      for (Candidates candidates : List.of(begin(logits), beginCut(logits))) {
        int rank = candidates.draw(u);
        assertThat(Keys.id(candidates.drawn(rank))).as("u = %s", u).isEqualTo(expected);
        assertThat(sorted.get(rank).id()).isEqualTo(expected);
      }
    }
  }

  @Test
  void atLeastTheMinimumIsKeptWhateverTheMass() {
    float[] logits = Reference.logits(3000, 20, 0, 5);
    Candidates candidates = begin(logits);
    candidates.keepMass(0.01, 30);
    assertThat(inFallingOrder(candidates))
        .isEqualTo(Reference.inFallingOrder(logits).subList(0, 30));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 500, 3000})
  void probabilitiesAddUpToOneAndKeepTheNumbering(int size) {
    float[] logits = Reference.logits(size, 3, 0, 2);
    Candidates candidates = begin(logits);
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += candidates.probability(i);
      assertThat(candidates.id(i)).isEqualTo(i);
    }
    assertThat(sum).isCloseTo(1, within(1e-12));
  }

  @Test
  void theGivenLogitsAreNeverWritten() {
    float[] logits = {1, 2, 3};
    Candidates candidates = begin(logits);
    candidates.setLogit(0, 9);
    candidates.divide(2);
    assertThat(logits).containsExactly(1, 2, 3);
    assertThat(candidates.logit(0)).isEqualTo(4.5f);
    assertThat(candidates.logit(2)).isEqualTo(1.5f);
  }

  @Test
  void aCandidateOfMinusInfinityIsGoneWhenTheStageEnds() {
    Candidates candidates = begin(new float[] {1, 2, 3});
    candidates.remove(1);
    assertThat(candidates.size()).isEqualTo(3);
    candidates.endStage();
    assertThat(inFallingOrder(candidates)).containsExactly(new Token(2, 3), new Token(0, 1));
    assertThat(candidates.indexOf(1)).isEqualTo(-1);
    assertThat(candidates.max()).isEqualTo(3);
  }

  @Test
  void forbiddenTokensAreNoCandidates() {
    float no = Float.NEGATIVE_INFINITY;
    assertThat(inFallingOrder(begin(new float[] {no, 2, no, 3})))
        .containsExactly(new Token(3, 3), new Token(1, 2));
  }

  @Test
  void tiesThatADivisionMakesAreOrderedById() {
    float low = 1.4E-45f;
    Candidates candidates = begin(new float[] {low, 3 * low, 2 * low});
    candidates.sort();
    candidates.divide(1e10f); // all become zero
    assertThat(inFallingOrder(candidates)).extracting(Token::id).containsExactly(0, 1, 2);
  }

  @Test
  void aTemperatureTooLowForFloatsKeepsTheBest() {
    Candidates candidates = begin(new float[] {1, 2, 2});
    candidates.divide(1.4E-45f);
    assertThat(inFallingOrder(candidates)).containsExactly(new Token(1, 2));
    Candidates negative = begin(new float[] {-1, 0, -2});
    negative.divide(1.4E-45f);
    negative.endStage();
    assertThat(inFallingOrder(negative)).containsExactly(new Token(1, 0));
  }

  @Test
  void anIdOutsideTheVocabularyIsRefused() {
    assertThatThrownBy(() -> begin(new float[] {1, 2}).indexOf(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("logits: id 2 is outside the vocabulary of 2");
  }

  @Test
  void theMaximumIsThatOfTheCandidatesThatAreLeft() {
    for (Candidates candidates :
        List.of(begin(new float[] {5, 1, 4}), beginCut(new float[] {5, 1, 4}))) {
      assertThat(candidates.max()).isEqualTo(5);
      candidates.keepIf((id, logit) -> id != 0);
      assertThat(candidates.max()).isEqualTo(4);
      candidates.keepBest(1);
      assertThat(candidates.max()).isEqualTo(4);
      candidates.setLogit(0, -2);
      assertThat(candidates.max()).isEqualTo(-2);
      assertThat(candidates.probability(0)).isEqualTo(1);
    }
  }
}

package dev.inferno.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrderedMarksTest {

  private static final int[] MARKS =
      IntStream.rangeClosed(0, Character.MAX_CODE_POINT).filter(Characters::isMark).toArray();

  @ParameterizedTest
  @EnumSource
  void longRunsOfMarksBecomeWhatThePlatformMakesOfThem(Form form) {
    assertThat(MARKS).hasSizeGreaterThan(2000);
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder("é");
      int kinds = 1 + random.nextInt(MARKS.length);
      for (int i = 0; i < 400; i++) {
        text.appendCodePoint(MARKS[(seed * 31 + random.nextInt(kinds)) % MARKS.length]);
        if (random.nextInt(150) == 0) {
          text.append("ạ가");
        }
      }
      assertThat(OrderedMarks.normalize(text.toString(), form))
          .as("seed %d", seed)
          .isEqualTo(Normalizer.normalize(text, form));
      assertThat(OrderedMarks.isNormalized(text.toString(), form))
          .isEqualTo(Normalizer.isNormalized(text, form));
    }
  }
}

package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What a text is expected to go on with.
class PromptLookupTest {
  private static int[] draft(int shortest, int most, int... text) {
    int[] draft = new int[16];
    int[] roomy = Arrays.copyOf(text, text.length + 5); // what is behind the text does not count
    int count = PromptLookup.draft(roomy, text.length, shortest, most, draft);
    return Arrays.copyOf(draft, count);
  }

  @Test
  void itIsWhatFollowedTheSameTokensBefore() {
    assertThat(draft(1, 3, 5, 6, 7, 8, 9, 1, 6, 7)).containsExactly(8, 9, 1);
  }

  @Test
  void aLongerRunCountsForMoreThanALaterPlace() {
    assertThat(draft(1, 2, 5, 6, 7, 8, 9, 1, 7, 2, 3, 5, 6, 7)).containsExactly(8, 9);
  }

  @Test
  void ofRunsOfOneLengthTheLatestCounts() {
    assertThat(draft(1, 2, 7, 1, 2, 7, 3, 4, 7)).containsExactly(3, 4);
  }

  @Test
  void nothingIsExpectedWithoutAPlaceOrWhereTooFewTokensAgree() {
    assertThat(draft(1, 4)).isEmpty();
    assertThat(draft(1, 4, 7)).isEmpty();
    assertThat(draft(1, 4, 1, 2, 3)).isEmpty();
    assertThat(draft(2, 4, 7, 1, 2, 7)).isEmpty();
    assertThat(draft(2, 4, 1, 2, 7, 1, 2)).containsExactly(7, 1, 2, 7);
  }

  @Test
  void aTextThatRepeatsItselfGoesOnRepeating() {
    assertThat(draft(1, 5, 9, 1, 2, 1, 2, 1, 2)).containsExactly(1, 2, 1, 2, 1);
    assertThat(draft(1, 3, 4, 4)).containsExactly(4, 4);
  }

  @Test
  void noMoreIsExpectedThanTwiceWhatAgrees() {
    assertThat(draft(1, 15, 7, 1, 2, 3, 4, 7)).containsExactly(1, 2);
    assertThat(draft(1, 15, 6, 7, 1, 2, 3, 4, 6, 7)).containsExactly(1, 2, 3, 4);
  }
}

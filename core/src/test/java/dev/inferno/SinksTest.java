package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Activation;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Patch;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.Seen;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The share of attention that falls on learned sinks can be watched and changed, and what is
/// changed there changes all that follows from it.
class SinksTest {
  private static final int HEADS = 4;
  private static final int LENGTH = 21;

  private Model model;

  @BeforeEach
  void load() throws IOException {
    model = FixtureModels.load("tiny/gpt-oss");
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static int[] tokens(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> (i * 37 + 11) % 300);
    return tokens;
  }

  private Captured pass(Intervention... interventions) {
    var captured = new Captured("blocks.1.*,logits");
    try (Session session = model.newSession(Prompts.EXACT)) {
      Arrays.stream(interventions).forEach(session::intervene);
      session.addListener(captured);
      session.append(tokens(LENGTH));
    }
    return captured;
  }

  /// What all keys of a row get, in double.
  private static double onKeys(Captured captured, int row) {
    float[] pattern = captured.array(Hook.PATTERN.name(1));
    double sum = 0;
    for (int key = 0; key < LENGTH; key++) {
      sum += pattern[row * LENGTH + key];
    }
    return sum;
  }

  @Test
  void eachHeadAndRowHasAShareThatItsKeysDoNotGet() {
    Captured captured = pass();
    float[] shares = captured.array(Hook.SINK.name(1));
    assertThat(captured.shape(Hook.SINK.name(1))).containsExactly(HEADS, LENGTH);
    for (int row = 0; row < shares.length; row++) {
      assertThat(shares[row]).isStrictlyBetween(0f, 1f);
      assertThat(onKeys(captured, row)).isCloseTo(1 - shares[row], within(1e-6));
    }
  }

  @Test
  void formsSelectHeadsAndPositionsLikeThoseOfOtherPoints() {
    float[] all = pass().array(Hook.SINK.name(1));
    int last = 3 * LENGTH + LENGTH - 1;
    Seen one =
        Seen.pass(model, tokens(LENGTH), Hook.SINK.layer(1).head(3).lastPosition()).getFirst();
    assertThat(one.shape()).containsExactly(1, 1);
    assertThat(one.values()).containsExactly(all[last]);
    Seen statistics =
        Seen.pass(model, tokens(LENGTH), Hook.SINK.layer(1).head(3).lastPosition().statistics())
            .getFirst();
    assertThat(statistics.values()).containsExactly(all[last], 0f, all[last], all[last]);
    Seen top =
        Seen.pass(model, tokens(LENGTH), Hook.SINK.layer(1).head(3).lastPosition().top(2))
            .getFirst();
    assertThat(top.values()).containsExactly(all[last]);
    assertThat(top.indices()).containsExactly(0f);
  }

  @Test
  void whatASinkDoesNotGetGoesToTheKeys() {
    Captured before = pass();
    Captured after = pass(Hook.SINK.layer(1).head(2).zero());
    float[] shares = before.array(Hook.SINK.name(1));
    float[] z = before.array(Hook.Z.name(1));
    int size = z.length / (LENGTH * HEADS);
    float[] expected = z.clone();
    for (int row = 0; row < LENGTH; row++) {
      int at = 2 * LENGTH + row;
      assertThat(after.array(Hook.SINK.name(1))[at]).isZero();
      assertThat(onKeys(after, at)).isCloseTo(1, within(1e-6));
      for (int i = 0; i < size; i++) {
        expected[(row * HEADS + 2) * size + i] /= 1 - shares[at];
      }
    }
    Compare.close("z", after.array(Hook.Z.name(1)), expected, 1e-5);
  }

  @Test
  void aHeadWhoseSinkGetsEverythingWritesNothing() {
    Captured all = pass(Hook.SINK.layer(1).head(2).set(1));
    Captured none = pass(Hook.Z.layer(1).head(2).zero());
    assertThat(all.array("logits")).isEqualTo(none.array("logits"));
  }

  @Test
  void aQueryThatIsLeftNoKeyAttendsToTheSinkAlone() {
    Captured captured = pass(Hook.SCORES.layer(1).positions(0).cut(0));
    for (int head = 0; head < HEADS; head++) {
      assertThat(captured.array(Hook.SINK.name(1))[head * LENGTH]).isEqualTo(1);
      assertThat(onKeys(captured, head * LENGTH)).isZero();
    }
    float[] z = captured.array(Hook.Z.name(1));
    assertThat(Arrays.copyOf(z, z.length / LENGTH)).containsOnly(0);
  }

  @Test
  void anEventNamesWhatChangedTheShare() {
    Intervention half = Hook.SINK.layer(0).head(1).scale(0.5f);
    List<Activation> seen = new ArrayList<>();
    try (Session session = model.newSession()) {
      session.intervene(half);
      session.observe(Hook.SINK.layers(0, 1), seen::add);
      session.append(tokens(3));
    }
    assertThat(seen).hasSize(2);
    assertThat(seen.getFirst().interventions()).containsExactly(half);
    assertThat(seen.getLast().interventions()).isEmpty();
    assertThat(seen.getFirst().firstKey()).isZero();
  }

  @Test
  void aShareIsOneNumberThatIsNoRow() {
    try (Session session = model.newSession()) {
      assertThatThrownBy(() -> session.intervene(Hook.SINK.layer(0).scale(2).neurons(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("neuron 1 is beyond the 1 values of a row");
      assertThatThrownBy(() -> session.intervene(Hook.SINK.layer(0).noise(1, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("possible are zero, scale, add a number");
      session.observe(
          Hook.SINK.layer(0),
          activation ->
              assertThatThrownBy(() -> Patch.of(activation))
                  .isInstanceOf(IllegalArgumentException.class));
      session.append(tokens(2));
    }
  }
}

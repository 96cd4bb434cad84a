package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inferno.observe.Hook;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LogitPartsTest {
  private static final int[] PROMPT = {7, 19, 250, 3, 101};

  static Stream<String> models() {
    return Stream.concat(
        Stream.of("llama", "llama-bias", "llama3"), TinyModels.BESIDE_LLAMA.stream());
  }

  /// What the parts of a sum may be off by: three digits of the largest of them.
  private static double tolerance(double... parts) {
    return 1e-3 * Arrays.stream(parts).map(Math::abs).max().orElse(0);
  }

  private static double sum(double[] parts) {
    return Arrays.stream(parts).sum();
  }

  private static double[] neuronShares(LogitShares shares, int layer) {
    return shares.neurons(layer).stream().mapToDouble(LogitShares.Neuron::share).toArray();
  }

  @ParameterizedTest
  @MethodSource("models")
  void thePartsSumToTheLogit(String name) throws IOException {
    try (Model model = TinyModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      LogitParts parts = LogitParts.after(session, PROMPT);
      assertThat(parts.position()).isEqualTo(4);
      assertThat(parts.logits()).isEqualTo(session.logits().copy());
      for (int token : new int[] {session.logits().argmax(), 0, 77}) {
        LogitShares shares = parts.of(token);
        var attribution = shares.attribution();
        assertThat(attribution.contributions()).hasSameSizeAs(shares.parts());
        assertThat(shares.logit()).isEqualTo(session.logits().get(token));
        assertThat(attribution.sum())
            .as("token %d", token)
            .isCloseTo(attribution.logit(), within(1e-3 * Math.abs(attribution.logit())));
        assertThat(attribution.logit() + shares.cap()).isCloseTo(shares.logit(), within(1e-9));
        assertThat(shares.cap() != 0).isEqualTo(name.equals("gemma2"));
        assertThat(attribution.bias() != 0).isEqualTo(name.equals("gpt2"));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theHeadsOfABlockAndItsBiasSumToTheShareOfItsAttention(String name) throws IOException {
    try (Model model = TinyModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      LogitShares shares = LogitParts.after(session, PROMPT).ofDifference(77, 5);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        double[] heads = shares.heads(layer);
        double bias = shares.attentionBias(layer);
        assertThat(heads).hasSize(model.info().heads());
        assertThat(bias != 0).isEqualTo(name.equals("gpt2") || name.equals("llama-bias"));
        assertThat(sum(heads) + bias)
            .as("layer %d", layer)
            .isCloseTo(share(shares, Hook.ATTN_OUT, layer), within(tolerance(heads)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theNeuronsOfABlockAndItsBiasSumToTheShareOfItsFeedForward(String name) throws IOException {
    try (Model model = TinyModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      LogitShares shares = LogitParts.after(session, PROMPT).of(77);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        List<LogitShares.Neuron> neurons = shares.neurons(layer);
        double bias = shares.feedForwardBias(layer);
        boolean mixture = name.equals("mixtral");
        assertThat(neurons).hasSize(model.info().feedForward() * (mixture ? 2 : 1));
        assertThat(neurons).allMatch(neuron -> neuron.expert().isPresent() == mixture);
        assertThat(bias != 0).isEqualTo(name.equals("gpt2") || name.equals("llama-bias"));
        double[] each = neuronShares(shares, layer);
        assertThat(sum(each) + bias)
            .as("layer %d", layer)
            .isCloseTo(share(shares, Hook.MLP_OUT, layer), within(tolerance(each)));
      }
    }
  }

  static List<String> mixtures() throws IOException {
    return FixtureModels.tiny().stream()
        .filter(
            name -> name.contains("moe") || name.contains("deepseek") || name.contains("gpt-oss"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("mixtures")
  void theNeuronsOfTheChosenExpertsAndTheSharedOneSumToTheShareOfTheFeedForward(String name)
      throws IOException {
    try (Model model = FixtureModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      LogitShares shares = LogitParts.after(session, PROMPT).of(77);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        double[] each = neuronShares(shares, layer);
        double shared = shares.sharedExpert(layer);
        assertThat(shared != 0)
            .isEqualTo(model.architecture().hooks(layer).contains(Hook.SHARED_EXPERT_OUT));
        assertThat(shares.feedForwardBias(layer) != 0).isEqualTo(name.contains("gpt-oss"));
        assertThat(sum(each) + shares.feedForwardBias(layer) + shared)
            .as("layer %d", layer)
            .isCloseTo(share(shares, Hook.MLP_OUT, layer), within(tolerance(each)));
      }
    }
  }

  private static double share(LogitShares shares, Hook hook, int layer) {
    for (int i = 0; i < shares.parts().size(); i++) {
      if (shares.parts().get(i).name().equals(hook.name(layer))) {
        return shares.attribution().contributions().get(i);
      }
    }
    throw new AssertionError("no part " + hook.name(layer) + " in " + shares.parts());
  }

  @Test
  void aDifferenceIsThatOfTheSharesOfTwoTokens() throws IOException {
    try (Model model = TinyModels.load("gemma2");
        Session session = model.newSession(Prompts.EXACT)) {
      LogitParts parts = LogitParts.after(session, PROMPT);
      LogitShares one = parts.of(3);
      LogitShares other = parts.of(8);
      LogitShares difference = parts.ofDifference(3, 8);
      assertThat(difference.token()).isEqualTo(3);
      assertThat(difference.other()).hasValue(8);
      assertThat(difference.logit()).isCloseTo(one.logit() - other.logit(), within(1e-9));
      for (int layer = 0; layer < model.info().layers(); layer++) {
        for (int head = 0; head < model.info().heads(); head++) {
          assertThat(difference.heads(layer)[head])
              .isCloseTo(one.heads(layer)[head] - other.heads(layer)[head], within(1e-5));
        }
      }
    }
  }

  @Test
  void onlyTheLastOfSeveralAppendedPositionsCountsWhateverTheSessionHeldBefore()
      throws IOException {
    try (Model model = TinyModels.load("llama");
        Session whole = model.newSession(Prompts.EXACT);
        Session continued = model.newSession(Prompts.EXACT)) {
      LogitShares expected = LogitParts.after(whole, PROMPT).of(77);
      continued.append(Arrays.copyOf(PROMPT, 3));
      LogitParts parts = LogitParts.after(continued, Arrays.copyOfRange(PROMPT, 3, 5));
      assertThat(parts.position()).isEqualTo(4);
      LogitShares actual = parts.of(77);
      for (int i = 0; i < expected.parts().size(); i++) {
        assertThat(actual.attribution().contributions().get(i))
            .isCloseTo(expected.attribution().contributions().get(i), within(1e-4));
      }
    }
  }

  @Test
  void aHeadThatIsSetToZeroHasNoShare() throws IOException {
    try (Model model = TinyModels.load("qwen3");
        Session session = model.newSession(Prompts.EXACT)) {
      session.intervene(Hook.Z.layer(1).head(2).zero());
      LogitShares shares = LogitParts.after(session, PROMPT).of(77);
      assertThat(shares.heads(1)[2]).isZero();
      assertThat(shares.heads(1)[1]).isNotZero();
      assertThat(shares.attribution().residual()).isCloseTo(0, within(1e-3));
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      assertThatThrownBy(() -> LogitParts.after(session))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there are no tokens to append");
      assertThatThrownBy(() -> LogitParts.after(session, new int[1000]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1000 more tokens do not fit");
      LogitParts parts = LogitParts.after(session, PROMPT);
      assertThatThrownBy(() -> parts.of(384)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> parts.ofDifference(1, -1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      LogitShares shares = parts.of(1);
      assertThatThrownBy(() -> shares.heads(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aClosedModelGivesNoNeurons() throws IOException {
    LogitShares shares;
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession()) {
      shares = LogitParts.after(session, PROMPT).of(1);
    }
    assertThatThrownBy(() -> shares.neurons(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the model tiny is closed");
  }
}

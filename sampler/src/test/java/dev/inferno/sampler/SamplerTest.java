package dev.inferno.sampler;

import static dev.inferno.sampler.SamplerStage.frequencyPenalty;
import static dev.inferno.sampler.SamplerStage.greedy;
import static dev.inferno.sampler.SamplerStage.logitBias;
import static dev.inferno.sampler.SamplerStage.minP;
import static dev.inferno.sampler.SamplerStage.penalties;
import static dev.inferno.sampler.SamplerStage.presencePenalty;
import static dev.inferno.sampler.SamplerStage.repetitionPenalty;
import static dev.inferno.sampler.SamplerStage.temperature;
import static dev.inferno.sampler.SamplerStage.topK;
import static dev.inferno.sampler.SamplerStage.topP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {

  @Test
  void theDefaultsAreThoseOfTheCommandLine() {
    assertThat(Sampler.defaults().stages())
        .extracting(stage -> stage.name() + " " + stage.parameters())
        .containsExactly(
            "penalties {lastN=64, repetition=1.0, frequency=0.0, presence=0.0}",
            "top-k {k=40}",
            "top-p {p=0.95, minKeep=1}",
            "min-p {p=0.05, minKeep=1}",
            "temperature {temperature=0.8}");
  }

  @Test
  void everyStageTellsItsNameAndParameters() {
    assertThat(
            Sampler.chain(
                    logitBias(Map.of(7, -1f, 3, 2f)),
                    repetitionPenalty(1.1f),
                    frequencyPenalty(0.2f),
                    presencePenalty(0.3f, 10),
                    greedy())
                .stages())
        .extracting(stage -> stage.name() + " " + stage.parameters())
        .containsExactly(
            "logit-bias {3=2.0, 7=-1.0}",
            "repetition-penalty {penalty=1.1, lastN=-1}",
            "frequency-penalty {penalty=0.2, lastN=-1}",
            "presence-penalty {penalty=0.3, lastN=10}",
            "greedy {}");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        refusal(() -> topP(1.5f), "topP must be between 0 and 1, but is 1.5"),
        refusal(() -> topP(-0.1f), "topP must be between 0 and 1, but is -0.1"),
        refusal(() -> topP(Float.NaN), "topP must be between 0 and 1, but is NaN"),
        refusal(() -> topP(0.5f, -1), "minKeep must be at least 0, but is -1"),
        refusal(() -> minP(2), "minP must be between 0 and 1, but is 2"),
        refusal(() -> minP(Float.NaN), "minP must be between 0 and 1, but is NaN"),
        refusal(() -> topK(-1), "topK must be at least 0, but is -1"),
        refusal(() -> temperature(-1), "temperature must be finite and at least 0, but is -1"),
        refusal(
            () -> temperature(Float.NaN), "temperature must be finite and at least 0, but is NaN"),
        refusal(
            () -> temperature(Float.POSITIVE_INFINITY),
            "temperature must be finite and at least 0, but is Infinity"),
        refusal(
            () -> repetitionPenalty(0), "repetitionPenalty must be finite and above 0, but is 0"),
        refusal(
            () -> repetitionPenalty(Float.NaN),
            "repetitionPenalty must be finite and above 0, but is NaN"),
        refusal(() -> repetitionPenalty(1.1f, -2), "lastN must be at least -1, but is -2"),
        refusal(
            () -> frequencyPenalty(Float.NaN),
            "frequencyPenalty must be a finite number, but is NaN"),
        refusal(
            () -> presencePenalty(Float.NEGATIVE_INFINITY),
            "presencePenalty must be a finite number, but is -Infinity"),
        refusal(
            () -> logitBias(Map.of(3, Float.NaN)),
            "the logit bias of token 3 must be a number or -Infinity, but is NaN"),
        refusal(
            () -> logitBias(Map.of(-3, 1f)),
            "the id of a logit bias must be at least 0, but is -3"));
  }

  private static Arguments refusal(ThrowingCallable call, String message) {
    return arguments(call, message);
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void valuesOutOfRangeAreRefusedWhereTheyAreGiven(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  @Test
  void everyOrderOfStagesChoosesAmongWhatItsLastStageKeeps() {
    List<SamplerStage> stages =
        List.of(
            penalties(8, 1.3f, 0.1f, 0.1f),
            topK(20),
            topP(0.9f),
            minP(0.02f),
            temperature(0.7f),
            logitBias(Map.of(5, Float.NEGATIVE_INFINITY)));
    float[] logits = Reference.logits(700, 3, 0, 11);
    for (List<SamplerStage> order : permutations(stages)) {
      SamplerState state = Sampler.chain(order).start(3);
      state.acceptPrompt(1, 2, 3, 2);
      Choice choice = state.sample(logits);
      assertThat(choice.id()).as("%s", order).isNotEqualTo(5);
      assertThat(choice.rank()).isBetween(0, 19);
      assertThat(choice.probability()).isGreaterThan(0.001).isLessThanOrEqualTo(1);
    }
  }

  private static List<List<SamplerStage>> permutations(List<SamplerStage> stages) {
    if (stages.isEmpty()) {
      return List.of(List.of());
    }
    List<List<SamplerStage>> permutations = new ArrayList<>();
    for (SamplerStage first : stages) {
      List<SamplerStage> others = new ArrayList<>(stages);
      others.remove(first);
      for (List<SamplerStage> tail : permutations(others)) {
        List<SamplerStage> order = new ArrayList<>(List.of(first));
        order.addAll(tail);
        permutations.add(order);
      }
    }
    return permutations;
  }

  @Test
  void neutralStagesChangeNothing() {
    float[] logits = Reference.logits(600, 2, 0, 1);
    Sampler neutral =
        Sampler.chain(
            penalties(0, 1.5f, 1, 1),
            penalties(64, 1, 0, 0),
            topK(0),
            topP(1),
            minP(0),
            temperature(1),
            logitBias(Map.of()));
    SamplerState state = neutral.start(9);
    state.acceptPrompt(1, 2, 3);
    Choice choice = state.sample(logits);
    assertThat(choice.id()).isEqualTo(Sampler.chain().start(9).sample(logits).id());
    assertThat(choice.stages()).extracting(StageSummary::kept).containsOnly(600);
  }

  @Test
  void greedyTemperatureZeroTopKOneAndTopPZeroAllTakeTheLowestIdOfTheBest() {
    float[] logits = {0, 3, 1, 3, 2};
    for (SamplerStage stage : List.of(greedy(), temperature(0), topK(1), topP(0))) {
      Choice choice = Sampler.chain(stage).start(5).sample(logits);
      assertThat(choice.id()).as("%s", stage).isEqualTo(1);
      assertThat(choice.probability()).isEqualTo(1);
    }
    assertThat(Sampler.greedy().start().sample(logits).id()).isEqualTo(1);
  }
}

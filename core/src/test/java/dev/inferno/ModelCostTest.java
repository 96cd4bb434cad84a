package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.inferno.testing.Fixtures;
import dev.inferno.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a token costs, against sums by hand over the shapes of the fixtures.
class ModelCostTest {

  @Test
  void aTiedEmbeddingIsReadOnceAsTheOutputProjection() throws IOException {
    // 3 layers, width 64, 4 heads of 16 that share 2 keys and values, feed-forward 160, 384 tokens
    long block = 64 * (64 + 32 + 32) + 64 * 64 + 3 * 64 * 160;
    long gains = (2 * 3 + 1) * 64;
    try (Model model = TinyModels.load("llama")) {
      ModelCost cost = model.cost();
      assertThat(cost.blockMultiplyAdds()).isEqualTo(3 * block);
      assertThat(cost.headMultiplyAdds()).isEqualTo(384 * 64);
      assertThat(cost.weightBytes()).isEqualTo(4 * (3 * block + 384 * 64 + gains));
      assertThat(cost.weightBytes()).isEqualTo(model.info().sizeBytes());
      assertThat(cost.keyValueWidth()).isEqualTo(32 + 32);
      assertThat(cost.attentionWidth()).isEqualTo(4 * 16 + 4 * 16);
      assertThat(cost.windows()).isEqualTo(List.of(0, 0, 0));
    }
  }

  @Test
  void ofAMixtureTheExpertsOfATokenCountAndOfAnUntiedEmbeddingOneRow() throws IOException {
    // 2 layers, width 64, feed-forward 96, 2 of 4 experts
    long attention = 64 * (64 + 32 + 32) + 64 * 64;
    long block = attention + 4 * 64 + 2 * 3 * 64 * 96;
    try (Model model = TinyModels.load("mixtral")) {
      ModelCost cost = model.cost();
      assertThat(cost.blockMultiplyAdds()).isEqualTo(2 * block);
      assertThat(cost.headMultiplyAdds()).isEqualTo(384 * 64);
      assertThat(cost.weightBytes()).isEqualTo(4 * (2 * block + 384 * 64 + 64 + 5 * 64));
    }
  }

  @Test
  void anExpertThatAllRowsPassThroughCountsForEveryToken() throws IOException {
    // 2 layers, width 32, 4 heads of 8 that share 2 of keys and values, 2 of 4 experts of width 24,
    // and one of 40 beside them
    long attention = 32 * (32 + 16 + 16) + 32 * 32;
    long block = attention + 4 * 32 + 2 * 3 * 32 * 24 + 3 * 32 * 40;
    try (Model model = Model.load(Fixtures.copied("tiny/granitemoeshared/model-f32.gguf"))) {
      assertThat(model.cost().blockMultiplyAdds()).isEqualTo(2 * block);
    }
  }

  @Test
  void biasesAreReadAndOfLearnedPositionsOneRow() throws IOException {
    // 3 layers, width 64, feed-forward 256
    long block = 64 * 192 + 64 * 64 + 2 * 64 * 256;
    long vectors = 192 + 64 + 256 + 64 + 2 * 2 * 64;
    try (Model model = TinyModels.load("gpt2")) {
      ModelCost cost = model.cost();
      assertThat(cost.blockMultiplyAdds()).isEqualTo(3 * block);
      assertThat(cost.weightBytes())
          .isEqualTo(4 * (3 * (block + vectors) + 2 * 64 + 64 + 384 * 64));
    }
  }

  @Test
  void factorsOfAdaptersAreReadAndMultipliedToo() throws IOException {
    // 3 layers, width 32, 4 heads of 8 that share one of keys and values, feed-forward 80
    Path base = Fixtures.copied("tiny/llama-mqa/model-f32.gguf");
    LoadOptions none = LoadOptions.defaults();
    long one = 3 * 4 * ((32 + 32) + (32 + 8) + (80 + 32)); // rank 4, of q, v and down
    long two = 3 * 2 * ((32 + 8) + (32 + 80)); // rank 2, of k and gate
    long output = 2 * (32 + 384);
    try (Model plain = Model.load(base, none);
        Model adapted =
            Model.load(
                base,
                none.lora(Fixtures.copied("lora/one.gguf"), 1)
                    .lora(Fixtures.copied("lora/two.gguf"), 1))) {
      ModelCost before = plain.cost();
      ModelCost after = adapted.cost();
      assertThat(after.blockMultiplyAdds() - before.blockMultiplyAdds()).isEqualTo(one + two);
      assertThat(after.headMultiplyAdds() - before.headMultiplyAdds()).isEqualTo(output);
      assertThat(after.weightBytes() - before.weightBytes()).isEqualTo(4 * (one + two + output));
    }
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    try (Model model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      assertThat(model.cost().weightBytes()).isEqualTo(model.info().sizeBytes());
      // a block of 32 numbers has 34 bytes; the gains of two norms a layer and one more are floats
      long gains = (2L * model.info().layers() + 1) * model.info().width();
      long matrices = model.cost().blockMultiplyAdds() + model.cost().headMultiplyAdds();
      assertThat(model.cost().weightBytes()).isEqualTo(matrices / 32 * 34 + 4 * gains);
    }
  }

  @Test
  void aTokenSeesAllBeforeItAndItself() throws IOException {
    try (Model model = TinyModels.load("llama")) {
      ModelCost cost = model.cost();
      // behind 10 positions three tokens see 11, 12 and 13, in 3 layers
      assertThat(cost.decodeBytes(10, 3, KeyValueType.F16))
          .isEqualTo((double) cost.weightBytes() + 3 * 12 * 64 * 2);
      assertThat(cost.decodeBytes(10, 3, KeyValueType.F32))
          .isEqualTo((double) cost.weightBytes() + 3 * 12 * 64 * 4);
      assertThat(cost.decodeMultiplyAdds(10, 3))
          .isEqualTo((double) cost.blockMultiplyAdds() + 3 * 12 * 128 + cost.headMultiplyAdds());
      assertThat(cost.promptMultiplyAdds(0, 4))
          .isEqualTo(cost.blockMultiplyAdds() + 3 * 2.5 * 128 + cost.headMultiplyAdds() / 4.0);
    }
  }

  @Test
  void aWindowHidesWhatIsBehindIt() throws IOException {
    try (Model model = TinyModels.load("gemma2")) { // a window of 8 in every other of 4 layers
      ModelCost cost = model.cost();
      assertThat(cost.windows()).isEqualTo(List.of(8, 0, 8, 0));
      // tokens that see 7, 8, 9, or with a window 7, 8, 8
      double visible = 2 * 8 + 2 * 23 / 3.0;
      assertThat(cost.decodeMultiplyAdds(6, 3))
          .isEqualTo(
              cost.blockMultiplyAdds() + visible * (4 * 32 + 4 * 32) + cost.headMultiplyAdds());
    }
  }

  @Test
  void noTokensHaveNoMean() throws IOException {
    try (Model model = TinyModels.load("llama")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.cost().promptMultiplyAdds(0, 0))
          .withMessage("depth must be at least 0 and tokens at least 1, but they are 0 and 0");
    }
  }
}

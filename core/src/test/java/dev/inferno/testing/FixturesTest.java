package dev.inferno.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class FixturesTest {

  @Test
  void goldensOfATinyModelHaveTheShapesThatTheirReadmeGives() {
    Goldens goldens = Goldens.read(Fixtures.copied("arch/llama/goldens.safetensors"));
    var prompts = Json.read(Fixtures.copied("arch/llama/goldens.json")).required("prompts");
    int[] ids = Json.ints(prompts.required(2).required("ids"));

    assertThat(goldens.array("p2.logits").dimension(0)).isEqualTo(ids.length).isEqualTo(11);
    assertThat(goldens.array("p2.attn").shape()).endsWith(11, 11);
    assertThat(goldens.array("p2.attn").row(0)[1]).as("a masked key").isZero();
    assertThat(goldens.array("p2.attn").row(0)[0]).as("the only key").isEqualTo(1f);
  }

  @Test
  void blocksAreReadAsBytesAndValues() {
    Goldens goldens = Goldens.read(Fixtures.copied("blocks/Q4_0.safetensors"));
    assertThat(goldens.array("blocks").shape()).isEqualTo(List.of(64, 18));
    assertThat(goldens.array("blocks").bytes()).hasSize(64 * 18);
    assertThat(goldens.floats("values")).hasSize(64 * 32);
  }

  @Test
  void aFixtureThatIsNotThereIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> Fixtures.copied("arch/nobody")).hasMessageContaining("arch/nobody");
    Goldens goldens = Goldens.read(Fixtures.copied("blocks/Q4_0.safetensors"));
    assertThatThrownBy(() -> goldens.array("p9")).hasMessageContaining("no array p9");
  }

  @Test
  @Tag("models")
  void aFileThatIsNotCopiedIsFoundThroughTheProperty() {
    assertThat(Fixtures.shared("fixtures/arch/index.json")).isRegularFile();
  }
}

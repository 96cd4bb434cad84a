package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.observe.Hook;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The logit lens against the model's own logits and a plain computation.
class LogitLensTest {
  private static final double EPSILON = 1e-6; // of the norm, as the model's configuration has it

  @Test
  void behindTheLastBlockItGivesTheModelsOwnLogits() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
        Session session = model.newSession(Prompts.EXACT)) {
      List<float[]> residual = new ArrayList<>();
      int last = model.info().layers() - 1;
      session.observe(
          Hook.RESID_POST.layer(last).lastPosition(), a -> residual.add(a.tensor().copy()));
      for (int id : new int[] {3, 77, 201}) {
        session.append(id);
        float[] logits = model.lens().logits(residual.getLast());
        assertThat(logits).isEqualTo(session.logits().copy());
      }
    }
  }

  @Test
  void ofEveryBlockItEqualsNormAndProjectionOfTheReferencesResidual() throws IOException {
    Path file = Fixtures.copied("arch/llama3/model-f32.gguf");
    Goldens hooks = Goldens.read(Fixtures.copied("arch/llama3/hooks.safetensors"));
    float[] gain = floats(file, "output_norm.weight");
    float[] output = floats(file, "output.weight"); // [V, M]
    try (Model model = Model.load(file)) {
      int width = model.info().width();
      int vocabulary = model.info().vocabulary();
      for (int layer = 0; layer < model.info().layers(); layer++) {
        float[] residual = row(hooks.floats(Hook.RESID_POST.name(layer)), width);
        double squares = 0;
        for (float value : residual) {
          squares += (double) value * value;
        }
        double scale = Math.sqrt(squares / width + EPSILON);
        float[] expected = new float[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
          double sum = 0;
          for (int i = 0; i < width; i++) {
            sum += (double) output[id * width + i] * gain[i] * residual[i] / scale;
          }
          expected[id] = (float) sum;
        }
        Compare.close("block " + layer, model.lens().logits(residual), expected, 1e-4);
      }
    }
  }

  /// A tensor of a GGUF file of 32-bit floats.
  private static float[] floats(Path path, String name) throws IOException {
    GgufFile file = GgufFile.open(path);
    TensorInfo info = file.tensor(name).orElseThrow();
    float[] values = new float[(int) info.elements()];
    ByteBuffer.wrap(Files.readAllBytes(path), (int) info.offset(), 4 * values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  private static float[] row(float[] rows, int width) {
    return Arrays.copyOfRange(rows, rows.length - width, rows.length);
  }

  @Test
  void aVectorOfAnotherLengthIsRefused() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"))) {
      assertThatThrownBy(() -> model.lens().logits(new float[63]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has 64 numbers, but this has 63");
    }
  }

  @Test
  void aClosedModelHasNoLens() throws IOException {
    Model model = Model.load(Fixtures.copied("arch/llama/model-f32.gguf"));
    LogitLens lens = model.lens();
    model.close();
    assertThatThrownBy(() -> lens.logits(new float[64]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}

package dev.inferno.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.SafetensorsWriter;
import dev.inferno.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PatchTest {
  private static final String POINT = "blocks.3.hook_resid_post";

  @TempDir Path folder;

  private Path written() throws IOException {
    Path file = folder.resolve("run.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.of(file)) {
      writer.add(POINT, List.of(2L, 3L), new float[] {1, 2, 3, 4, 5, 6}, 0);
      writer.add("step.1." + POINT, List.of(1L, 3L), new float[] {7, 8, 9}, 0);
      writer.add("step.2." + POINT, List.of(1L, 3L), new float[] {10, 11, 12}, 0);
      writer.add("blocks.3.attn.hook_z", List.of(1L, 2L, 2L), new float[] {1, 2, 3, 4}, 0);
      writer.add("other", List.of(2L, 3L), new float[6], 0);
      writer.add("step.1.other", List.of(1L, 2L), new float[2], 0);
      writer.add("nan", List.of(1L, 2L), new float[] {0, Float.NaN}, 0);
      writer.add("empty", List.of(0L, 2L), new float[0], 0);
      writer.commit();
    }
    return file;
  }

  @Test
  void aFileGivesTheRowsOfThePromptAndOfTheSteps() throws IOException {
    Path file = written();
    Patch patch = Patch.read(file, Hook.RESID_POST, 3);
    assertThat(patch.rows()).isEqualTo(4);
    assertThat(patch.rowLength()).isEqualTo(3);
    assertThat(patch.get(patch.row(0), 2)).isEqualTo(3);
    assertThat(patch.get(patch.row(3), 1)).isEqualTo(11);
    assertThat(patch.row(4)).isNegative();
    assertThat(patch.source()).contains(new Patch.Source(file.toString(), POINT));
    assertThat(Patch.read(file, Hook.Z, 3).rowLength()).isEqualTo(4);
    assertThat(Patch.read(file, POINT, Hook.RESID_PRE, 5).name())
        .isEqualTo("blocks.5.hook_resid_pre");
  }

  @Test
  void aFileThatHasNotWhatIsWantedIsRefused() throws IOException {
    Path file = written();
    refused(
        () -> Patch.read(file, Hook.RESID_POST, 4),
        "run.safetensors has no tensor 'blocks.4.hook_resid_post'");
    refused(
        () -> Patch.read(file, "blocks.3.attn.hook_z", Hook.RESID_POST, 3),
        "'blocks.3.attn.hook_z' has the shape [1, 2, 2]; for blocks.*.hook_resid_post it must have"
            + " 2 axes");
    refused(() -> Patch.read(file, POINT, Hook.Z, 3), "it must have 3 axes");
    refused(() -> Patch.read(file, "empty", Hook.EMBED, -1), "none of length 0");
    refused(
        () -> Patch.read(file, "other", Hook.EMBED, -1),
        "'other' has the shape [2, 3], but 'step.1.other' [1, 2]");
    refused(
        () -> Patch.read(file, "nan", Hook.EMBED, -1),
        "a patch of hook_embed must be finite, but is NaN at position 0, index 1");
    refused(() -> Patch.read(file, Hook.RESID_POST, -1), "needs a layer of at least 0");
    refused(() -> Patch.read(file, Hook.EMBED, 0), "its layer is -1, not 0");
    assertThatThrownBy(() -> Patch.read(folder.resolve("no"), Hook.EMBED, -1))
        .isInstanceOf(IOException.class);
  }

  @Test
  void partsAreJoinedByPosition() {
    Patch late = Patch.of(Hook.EMBED, -1, new int[] {5}, new float[] {5, 6});
    Patch early = Patch.of(Hook.EMBED, -1, new int[] {0, 2}, new float[] {1, 2, 3, 4});
    Patch joined = Patch.joined(List.of(late, early));
    assertThat(joined)
        .isEqualTo(Patch.of(Hook.EMBED, -1, new int[] {0, 2, 5}, new float[] {1, 2, 3, 4, 5, 6}))
        .hasSameHashCodeAs(
            Patch.of(Hook.EMBED, -1, new int[] {0, 2, 5}, new float[] {1, 2, 3, 4, 5, 6}))
        .isNotEqualTo(late);
    refused(() -> Patch.joined(List.of(late, late)), "have position 5");
    refused(
        () -> Patch.joined(List.of(late, Patch.of(Hook.RESID_PRE, 0, new int[] {1}, new float[2]))),
        "must be of one point");
    refused(() -> Patch.joined(List.of()), "no part");
    assertThat(Patch.of(Hook.RESID_PRE, 0, new int[] {1}, new float[2]).atLayer(2).name())
        .isEqualTo("blocks.2.hook_resid_pre");
  }

  @Test
  void rowsMustRiseAndBeWhole() {
    refused(
        () -> Patch.of(Hook.EMBED, -1, new int[] {1, 1}, new float[2]),
        "the positions of a patch of hook_embed must rise");
    refused(() -> Patch.of(Hook.EMBED, -1, new int[] {-1}, new float[2]), "must rise from 0");
    refused(
        () -> Patch.of(Hook.EMBED, -1, new int[] {0, 1}, new float[3]), "2 positions but 3 values");
  }

  @Test
  void anEventIsTakenWholeOrNotAtAll() throws IOException {
    try (Model model = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"));
        Session session = model.newSession()) {
      assertRefused(session, Hook.Z.layer(1).head(2), "takes all heads, but these are [2]");
      assertRefused(session, Hook.Z.layer(1).norm(), "takes its values");
      assertRefused(session, Hook.EMBED.top(3), "takes its values");
    }
  }

  private static void assertRefused(Session session, Point point, String message) {
    try (Session.Registration _ =
        session.observe(point, a -> refused(() -> Patch.of(a), message))) {
      session.append(5);
    }
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}

package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Patch;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Hooks;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold of the points and edits of every architecture, whatever its numbers.
@Tag("models")
class IdentitiesTest {
  private static final int LONG = 21; // rows of the prefill kernels
  private static final int SHORT = 7; // and of those of decode

  static List<String> architectures() throws IOException {
    try (Stream<Path> folders = Files.list(Fixtures.shared("fixtures/arch"))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("hooks.safetensors")))
          .filter(folder -> Files.exists(folder.resolve("model-f32.gguf")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  private static Model load(String name) throws IOException {
    return Model.load(Fixtures.shared("fixtures/arch/" + name + "/model-f32.gguf"));
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).map(i -> (i * 37 + 11) % 300).toArray();
  }

  private static Captured pass(Model model, int length, Intervention... interventions) {
    var captured = new Captured("all");
    try (Session session = model.newSession(Prompts.EXACT)) {
      for (Intervention intervention : interventions) {
        session.intervene(intervention);
      }
      session.addListener(captured);
      session.append(tokens(length));
      session.append(3);
    }
    return captured;
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void anEditThatChangesNothingChangesNothing(String name) throws IOException {
    try (Model model = load(name)) {
      for (int length : new int[] {SHORT, LONG}) {
        Captured expected = pass(model, length);
        for (Hook hook : Hooks.of(model)) {
          if (hook.editable()) {
            Captured edited = pass(model, length, hook.all().everyPosition().scale(1));
            expected
                .arrays()
                .forEach((point, values) ->
                    assertThat(edited.array(point)).as("%s of %s", point, hook).isEqualTo(values));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aRunThatIsPatchedWithItselfStaysAsItIs(String name) throws IOException {
    try (Model model = load(name)) {
      for (Hook hook : Hooks.of(model)) {
        if (!hook.editable() || !hook.rowsFirst()) {
          continue;
        }
        List<Patch> own = new ArrayList<>();
        var logits = new ArrayList<float[]>();
        var point = (hook.perLayer() ? hook.layer(1) : hook.all()).everyPosition();
        try (Session session = model.newSession(Prompts.EXACT)) {
          session.observe(point, a -> own.add(Patch.of(a)));
          session.append(tokens(LONG));
          session.append(5);
          logits.add(session.logits().copy());
        }
        try (Session session = model.newSession(Prompts.EXACT)) {
          session.intervene(point.patch(Patch.joined(own)));
          session.append(tokens(LONG));
          session.append(5);
          assertThat(session.logits().copy()).as("%s", hook).isEqualTo(logits.getFirst());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void zeroingAHeadIsSubtractingItsResult(String name) throws IOException {
    try (Model model = load(name)) {
      int width = model.info().width();
      int heads = model.info().heads();
      Captured before = pass(model, LONG);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        for (int head = 0; head < heads; head++) {
          Captured after = pass(model, LONG, Hook.Z.layer(layer).head(head).zero());
          float[] expected = before.array(Hook.ATTN_RAW_OUT.name(layer)).clone();
          float[] results = before.array(Hook.RESULT.name(layer));
          for (int i = 0; i < expected.length; i++) {
            expected[i] -= results[(i / width * heads + head) * width + i % width];
          }
          String what = "head %d of layer %d".formatted(head, layer);
          Compare.close(what, after.array(Hook.ATTN_RAW_OUT.name(layer)), expected, 1e-4);
          Captured zeroed = pass(model, LONG, Hook.RESULT.layer(layer).head(head).zero());
          Compare.close(what, zeroed.array("logits"), after.array("logits"), 1e-3);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void theResidualStreamIsTheSumOfEverythingThatWasAdded(String name) throws IOException {
    try (Model model = load(name)) {
      Captured captured = pass(model, LONG);
      float[] sum = captured.array("hook_embed").clone();
      if (Hooks.of(model).contains(Hook.POS_EMBED)) {
        add(sum, captured.array("hook_pos_embed"));
      }
      int last = model.info().layers() - 1;
      for (int layer = 0; layer <= last; layer++) {
        assertThat(captured.array(Hook.RESID_PRE.name(layer))).isEqualTo(sum);
        add(sum, captured.array(Hook.ATTN_OUT.name(layer)));
        assertThat(captured.array(Hook.RESID_MID.name(layer))).isEqualTo(sum);
        add(sum, captured.array(Hook.MLP_OUT.name(layer)));
        assertThat(captured.array(Hook.RESID_POST.name(layer))).isEqualTo(sum);
      }
    }
  }

  private static void add(float[] sum, float[] values) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += values[i];
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void watchingEverythingChangesNoLogit(String name) throws IOException {
    try (Model model = load(name)) {
      for (int length : new int[] {1, SHORT, LONG}) {
        try (Session watched = model.newSession(Prompts.EXACT);
            Session unwatched = model.newSession(Prompts.EXACT)) {
          var captured = new Captured("all");
          watched.addListener(captured);
          for (int[] more : List.of(tokens(length), new int[] {5}, new int[] {8, 2})) {
            watched.append(more);
            unwatched.append(more);
            assertThat(watched.logits().copy()).isEqualTo(unwatched.logits().copy());
          }
          assertThat(captured.events()).isEqualTo(3 * Hooks.events(model));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void aSumOfRouterSharesAndAPatternIsOne(String name) throws IOException {
    try (Model model = load(name)) {
      Captured captured = pass(model, LONG);
      for (int layer = 0; layer < model.info().layers(); layer++) {
        float[] pattern = captured.array(Hook.PATTERN.name(layer));
        for (int row = 0; row < pattern.length / LONG; row++) {
          sumsToOne(Arrays.copyOfRange(pattern, row * LONG, (row + 1) * LONG));
        }
        if (Hooks.of(model).contains(Hook.ROUTER_PROBS)) {
          float[] shares = captured.array(Hook.ROUTER_PROBS.name(layer));
          int experts = shares.length / LONG;
          for (int row = 0; row < LONG; row++) {
            sumsToOne(Arrays.copyOfRange(shares, row * experts, (row + 1) * experts));
          }
        }
      }
    }
  }

  private static void sumsToOne(float[] row) {
    double sum = 0;
    for (float value : row) {
      assertThat(value).isBetween(0f, 1f);
      sum += value;
    }
    assertThat(sum).isCloseTo(1, org.assertj.core.api.Assertions.within(1e-5));
  }
}

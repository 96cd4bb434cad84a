package dev.inferno.cli;

import static dev.inferno.cli.Traces.close;
import static dev.inferno.cli.Traces.model;
import static dev.inferno.cli.Traces.trace;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.KeyValueType;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `trace`, but for its edits.
final class TraceTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void everyPointEqualsTheReferenceInThePromptAndInGreedySteps(String name) throws IOException {
    Path out = folder.resolve("x.safetensors");
    try (SafetensorsFile reference =
        SafetensorsFile.open(Fixtures.copied("arch/" + name + "/hooks.safetensors"))) {
      JsonNode tokens = Json.read(reference.metadata().getOrDefault("tokens", "").getBytes(UTF_8));
      int prompt = tokens.size() - 4;
      String ids = ids(tokens, 0, prompt);
      trace(model(name), "--ids", ids, "--points=all", "--steps=4", "--out", out.toString());

      try (SafetensorsFile traced = SafetensorsFile.open(out)) {
        assertThat(traced.metadata())
            .containsEntry("ids", ids)
            .containsEntry("generated_ids", ids(tokens, prompt, tokens.size()))
            .containsEntry("points", "all")
            .containsEntry("steps", "4")
            .containsEntry("kv", "f32");
        Set<String> expected = new TreeSet<>(reference.names());
        expected.removeIf(each -> each.matches(".*(hook_tokens|hook_scores_raw|hook_v_all)"));
        Set<String> results = new TreeSet<>(traced.names());
        results.removeIf(each -> !each.endsWith(".hook_result")); // which the reference lacks
        assertThat(results).hasSize(5 * 3);
        assertThat(traced.names()).hasSize(expected.size() + results.size()).containsAll(expected);
        for (String tensor : expected) {
          assertThat(traced.type(tensor)).isEqualTo("F32");
          close(tensor, traced.floats(tensor), expected(tensor, reference), 5e-5);
          if (!tensor.startsWith("step.")) {
            assertThat(traced.shape(tensor)).as(tensor).isEqualTo(reference.shape(tensor));
          }
        }
        assertThat(traced.shape("step.2.blocks.1.hook_resid_post")).containsExactly(1L, 64L);
        assertThat(traced.shape("step.2.blocks.1.attn.hook_z")).startsWith(1L, 4L).hasSize(3);
        assertThat(traced.shape("step.2.blocks.1.attn.hook_pattern"))
            .containsExactly(4L, 1L, prompt + 2L);
        assertThat(traced.shape("step.2.logits")).containsExactly(1L, 384L);
      }
    }
  }

  /// What the reference has: masked scores are its most negative number, and the keys of a cached
  /// step those of the whole cache, of which the last are the step's own.
  private static float[] expected(String tensor, SafetensorsFile reference) {
    float[] values = reference.floats(tensor);
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] == -Float.MAX_VALUE ? Float.NEGATIVE_INFINITY : values[i];
    }
    if (tensor.startsWith("step.") && tensor.endsWith(".hook_rot_k")) {
      int row = (int) (values.length / reference.shape(tensor).getFirst());
      return Arrays.copyOfRange(values, values.length - row, values.length);
    }
    return values;
  }

  private static String ids(JsonNode tokens, int from, int to) {
    return TokenIds.print(
        tokens.valueStream().skip(from).limit(to - from).mapToInt(JsonNode::intValue).toArray());
  }

  @Test
  void aLongPromptIsOneTensorAPoint() throws IOException {
    // 1030 positions are three chunks for the model and many tiles of logits.
    int[] ids = new Random(3).ints(1030, 0, 384).toArray();
    SessionOptions options =
        SessionOptions.defaults().keyValueType(KeyValueType.F32).contextLength(1030);
    Path out = folder.resolve("x.safetensors");
    try (Model model = Model.load(Path.of(model("llama")));
        SafetensorsWriter writer = SafetensorsWriter.of(out)) {
      try (Session session = model.newSession(options)) {
        String names = "logits,blocks.0.attn.hook_pattern,blocks.0.attn.hook_z,kq-0,l_out-2";
        var plan = TracePoints.parse(names, model.info());
        var explanation = model.explain(plan, ids.length, 1, options);
        var recorder =
            new TraceRecorder(
                TracePoints.recorded(explanation, ids.length, 0, model.info()), writer);
        recorder.listenTo(session);
        recorder.begin("", 0, ids.length);
        session.append(ids);
      }
      writer.commit();
      try (SafetensorsFile traced = SafetensorsFile.open(out);
          Session session = model.newSession(options)) {
        assertThat(traced.names())
            .isEqualTo(
                Set.of(
                    "logits",
                    "blocks.0.attn.hook_attn_scores",
                    "blocks.0.attn.hook_pattern",
                    "blocks.0.attn.hook_z",
                    "blocks.2.hook_resid_post"));
        float[] logits = traced.floats("logits");
        assertThat(traced.shape("logits")).containsExactly(1030L, 384L);
        for (int last : new int[] {511, 512, 700, 1029}) {
          session.rewind(session.length());
          session.append(java.util.Arrays.copyOf(ids, last + 1));
          close(
              "logits at " + last,
              java.util.Arrays.copyOfRange(logits, last * 384, (last + 1) * 384),
              session.logits().copy(),
              1e-3);
        }
        float[] pattern = traced.floats("blocks.0.attn.hook_pattern");
        float[] scores = traced.floats("blocks.0.attn.hook_attn_scores");
        assertThat(traced.shape("blocks.0.attn.hook_pattern")).containsExactly(4L, 1030L, 1030L);
        for (int row = 0; row < 4 * 1030; row++) {
          double sum = 0;
          for (int key = 0; key < 1030; key++) {
            float p = pattern[row * 1030 + key];
            assertThat(p == 0 || key <= row % 1030).isTrue();
            assertThat(scores[row * 1030 + key] == Float.NEGATIVE_INFINITY)
                .isEqualTo(key > row % 1030);
            sum += p;
          }
          assertThat(sum).isEqualTo(1, within(1e-5));
        }
      }
    }
  }

  @Test
  void aPointThatIsNamedTwiceIsWrittenOnce() throws IOException {
    Path out = folder.resolve("x.safetensors");
    trace(
        model("llama"),
        "--ids=5,6",
        "--out",
        out.toString(),
        "--points=logits,logits,blocks.*.hook_resid_post,l_out-1,blocks.1.hook_resid_post");
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      assertThat(traced.names()).hasSize(4);
    }
  }

  @Test
  void headsLayersAndPositionsAreThoseOfTheWholeTrace() throws IOException {
    Path all = folder.resolve("all.safetensors");
    trace(model("llama"), "--ids=5,6,7,8", "--points=all", "--steps=2", "--out", all.toString());
    Path out = folder.resolve("x.safetensors");
    trace(
        model("llama"),
        "--ids=5,6,7,8",
        "--steps=2",
        "--out",
        out.toString(),
        "--points",
        "blocks.*.attn.hook_z[layers=0,2;heads=1-2;at=1,3],"
            + "blocks.1.attn.hook_pattern[heads=3;at=last], blocks.*.hook_resid_post[at=generated],"
            + "logits[at=prompt]");
    try (SafetensorsFile whole = SafetensorsFile.open(all);
        SafetensorsFile part = SafetensorsFile.open(out)) {
      assertThat(part.names())
          .containsExactlyInAnyOrder(
              "blocks.0.attn.hook_z",
              "blocks.2.attn.hook_z",
              "blocks.1.attn.hook_pattern",
              "step.1.blocks.1.attn.hook_pattern",
              "step.2.blocks.1.attn.hook_pattern",
              "step.1.blocks.0.hook_resid_post",
              "step.1.blocks.1.hook_resid_post",
              "step.1.blocks.2.hook_resid_post",
              "step.2.blocks.0.hook_resid_post",
              "step.2.blocks.1.hook_resid_post",
              "step.2.blocks.2.hook_resid_post",
              "logits");
      String z = "blocks.2.attn.hook_z";
      assertThat(part.shape(z)).containsExactly(2L, 2L, 16L);
      float[] of = whole.floats(z);
      assertThat(Arrays.copyOfRange(part.floats(z), 0, 32))
          .isEqualTo(Arrays.copyOfRange(of, 64 + 16, 64 + 48));
      assertThat(Arrays.copyOfRange(part.floats(z), 32, 64))
          .isEqualTo(Arrays.copyOfRange(of, 3 * 64 + 16, 3 * 64 + 48));
      String pattern = "blocks.1.attn.hook_pattern";
      assertThat(part.shape(pattern)).containsExactly(1L, 1L, 4L);
      assertThat(part.floats(pattern))
          .isEqualTo(Arrays.copyOfRange(whole.floats(pattern), 4 * 4 * 4 - 4, 4 * 4 * 4));
      String step = "step.2.blocks.1.hook_resid_post";
      assertThat(part.floats(step)).isEqualTo(whole.floats(step));
      assertThat(part.floats("logits")).isEqualTo(whole.floats("logits"));
    }
  }

  @Test
  void reductionsAreThoseOfTheValues() throws IOException {
    Path out = folder.resolve("x.safetensors");
    trace(
        model("llama"),
        "--ids=5,6,7",
        "--steps=1",
        "--out",
        out.toString(),
        "--points",
        "blocks.1.attn.hook_pattern,blocks.1.attn.hook_pattern[as=entropy],"
            + "blocks.1.attn.hook_pattern[as=top2],blocks.1.attn.hook_z,"
            + "blocks.1.attn.hook_z[as=norm],logits,logits[as=top3],logits[as=statistics]");
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      float[] pattern = traced.floats("blocks.1.attn.hook_pattern");
      assertThat(traced.shape("blocks.1.attn.hook_pattern.entropy")).containsExactly(4L, 3L);
      assertThat(traced.shape("blocks.1.attn.hook_pattern.top")).containsExactly(4L, 3L, 2L);
      float[] entropy = traced.floats("blocks.1.attn.hook_pattern.entropy");
      float[] top = traced.floats("blocks.1.attn.hook_pattern.top");
      float[] places = traced.floats("blocks.1.attn.hook_pattern.top_indices");
      for (int row = 0; row < 12; row++) {
        double expected = 0;
        for (int key = 0; key < 3; key++) {
          float p = pattern[row * 3 + key];
          expected -= p > 0 ? p * Math.log(p) : 0;
          assertThat(top[row * 2]).isGreaterThanOrEqualTo(p);
        }
        assertThat((double) entropy[row]).isCloseTo(expected, within(1e-5));
        assertThat(top[row * 2]).isEqualTo(pattern[row * 3 + (int) places[row * 2]]);
      }
      assertThat(traced.shape("step.1.blocks.1.attn.hook_pattern.entropy")).containsExactly(4L, 1L);
      float[] z = traced.floats("blocks.1.attn.hook_z");
      assertThat(traced.shape("blocks.1.attn.hook_z.norm")).containsExactly(3L, 4L);
      float[] norm = traced.floats("blocks.1.attn.hook_z.norm");
      for (int i = 0; i < 12; i++) {
        double squares = 0;
        for (int k = 0; k < 16; k++) {
          squares += z[i * 16 + k] * z[i * 16 + k];
        }
        assertThat((double) norm[i]).isCloseTo(Math.sqrt(squares), within(1e-4));
      }
      float[] logits = traced.floats("logits");
      float[] best = traced.floats("logits.top");
      float[] ids = traced.floats("logits.top_indices");
      assertThat(traced.shape("logits.top")).containsExactly(3L, 3L);
      for (int i = 0; i < 9; i++) {
        assertThat(best[i]).isEqualTo(logits[i / 3 * 384 + (int) ids[i]]);
      }
      assertThat(traced.shape("logits.statistics")).containsExactly(3L, 4L);
      assertThat(traced.floats("logits.statistics")[3]).isEqualTo(best[0]);
    }
  }

  @Test
  void reductionsOfALongPromptAreWhole() throws IOException {
    int[] ids = new Random(3).ints(600, 0, 384).toArray(); // two chunks for the model
    SessionOptions options =
        SessionOptions.defaults().keyValueType(KeyValueType.F32).contextLength(600);
    Path out = folder.resolve("x.safetensors");
    try (Model model = Model.load(Path.of(model("llama")));
        SafetensorsWriter writer = SafetensorsWriter.of(out)) {
      try (Session session = model.newSession(options)) {
        String names =
            "blocks.0.attn.hook_pattern[at=1,510-513,599],"
                + "blocks.0.attn.hook_pattern[as=entropy;heads=0,3;at=1,510-513,599]";
        var explanation =
            model.explain(TracePoints.parse(names, model.info()), ids.length, 1, options);
        var recorder =
            new TraceRecorder(
                TracePoints.recorded(explanation, ids.length, 0, model.info()), writer);
        recorder.listenTo(session);
        recorder.begin("", 0, ids.length);
        session.append(ids);
      }
      writer.commit();
    }
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      assertThat(traced.shape("blocks.0.attn.hook_pattern")).containsExactly(4L, 6L, 600L);
      assertThat(traced.shape("blocks.0.attn.hook_pattern.entropy")).containsExactly(2L, 6L);
      float[] pattern = traced.floats("blocks.0.attn.hook_pattern");
      float[] entropy = traced.floats("blocks.0.attn.hook_pattern.entropy");
      for (int i = 0; i < 12; i++) {
        int row = (i < 6 ? 0 : 3) * 6 + i % 6;
        double expected = 0;
        for (int key = 0; key < 600; key++) {
          float p = pattern[row * 600 + key];
          expected -= p > 0 ? p * Math.log(p) : 0;
        }
        assertThat((double) entropy[i]).isCloseTo(expected, within(1e-4));
      }
    }
  }

  @Test
  void inAStepOfASlidingWindowKeysAreAtTheirPositions() throws IOException {
    Path steps = folder.resolve("steps.safetensors");
    Path once = folder.resolve("once.safetensors");
    String points = "blocks.0.attn.hook_pattern,blocks.0.attn.hook_pattern[as=top3]";
    String ids = "3,77,201,5,9,40,41,42,43,44,45,46"; // the window has 8
    trace(
        model("gemma2"), "--ids", ids, "--steps=2", "--points", points, "--out", steps.toString());
    try (SafetensorsFile stepped = SafetensorsFile.open(steps)) {
      String generated =
          stepped.metadata().getOrDefault("generated_ids", "").replaceAll("[^0-9,]", "");
      trace(
          model("gemma2"),
          "--ids",
          ids + "," + generated,
          "--points",
          points,
          "--out",
          once.toString());
      try (SafetensorsFile whole = SafetensorsFile.open(once)) {
        float[] step = stepped.floats("step.2.blocks.0.attn.hook_pattern");
        float[] all = whole.floats("blocks.0.attn.hook_pattern");
        float[] places = stepped.floats("step.2.blocks.0.attn.hook_pattern.top_indices");
        float[] allPlaces = whole.floats("blocks.0.attn.hook_pattern.top_indices");
        int heads = step.length / 14;
        for (int head = 0; head < heads; head++) {
          int row = head * 14 + 13;
          close(
              "head " + head,
              Arrays.copyOfRange(step, head * 14, head * 14 + 14),
              Arrays.copyOfRange(all, row * 14, row * 14 + 14),
              1e-5);
          assertThat(places[head * 3]).isEqualTo(allPlaces[row * 3]);
        }
      }
    }
  }

  @Test
  void explainPrintsTheCostAndRunsNothing() {
    CommandRun run =
        CommandRun.of(
            "trace",
            model("llama"),
            "--ids=5,6,7",
            "--steps=2",
            "--explain",
            "--points=blocks.*.attn.hook_pattern[at=last;as=entropy],blocks.*.hook_resid_post");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("hook_pattern at the last position (entropy)", "DERIVED", "in all")
        .contains("3,840 bytes"); // 5 positions of 3 layers and 64 numbers
    CommandRun dear =
        CommandRun.of(
            "trace",
            model("llama"),
            "--ids=5,6,7",
            "--explain",
            "--budget=100",
            "--points=blocks.*.hook_resid_post");
    assertThat(dear.exitCode()).isNotZero();
    assertThat(dear.out()).contains("in all");
    assertThat(dear.err()).contains("--budget is 100");
    CommandRun lacking =
        CommandRun.of("trace", model("llama"), "--ids=5", "--explain", "--points=hook_pos_embed");
    assertThat(lacking.exitCode()).isZero();
    assertThat(lacking.out()).contains("IMPOSSIBLE", "embeds no positions");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logits[as=top] | as must be view, norm, statistics, entropy, topN such as top5",
        "logits[as=top0] | as must be",
        "logits[as=entropy] | logits has no rows of probabilities",
        "logits[layers=1] | logits is not in the blocks and has no layers",
        "logits[heads=1] | logits has no heads",
        "logits[at=3-1] | 3-1 is a range backwards",
        "logits[at=x] | at must be all, last, prompt, generated or positions",
        "logits[at=2] | position 2 is never reached by a prompt of 2 tokens and 0 steps",
        "logits[at=generated] | nothing is generated without --steps",
        "logits[size=3] | keys are layers, heads, at and as",
        "logits[at=last | must be NAME or NAME[KEY=VALUE;...]",
        "logits[at=last;at=all] | has at twice",
        "blocks.*.attn.hook_z[layers=3] | there is no layer 3; the model has 3, counted from 0",
        "blocks.1.attn.hook_z[layers=0] | none of [0] is among those",
        "blocks.*.attn.hook_z[heads=4] | is impossible: the model has 4 heads, counted from 0",
        "blocks.*.attn.*[heads=4] | is impossible: the model has 4 heads, counted from 0",
        "hook_pos_embed | hook_pos_embed is impossible: the architecture llama embeds no positions",
        "bogus[at=last] | 'bogus' is not a point of this model",
        "logits,logits[at=last] | logits would be recorded twice",
      })
  void aSelectionThatMeansNothingIsNamedBeforeTheRun(String points, String message) {
    failed(message, folder.resolve("x.safetensors"), "--ids=5,6", "--points", points);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aBudgetRefusesMoreBeforeTheRun() {
    Path out = folder.resolve("x.safetensors");
    failed(
        "the run would deliver 3072 bytes, but --budget is 3000; the largest part is logits",
        out,
        "--ids=5,6",
        "--points=logits",
        "--budget=3k");
    assertThat(folder).isEmptyDirectory();
    trace(model("llama"), "--ids=5,6", "--points=logits", "--budget=3072", "--out", out.toString());
    for (String budget : List.of("x", "-1", "3T", "")) {
      CommandRun run =
          CommandRun.of(
              "trace", model("llama"), "--ids=5", "--points=logits", "--out=x", "--budget", budget);
      assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    }
    assertThat(CommandRun.of("trace", model("llama"), "--ids=5", "--points=logits").exitCode())
        .isEqualTo(2); // no --out
  }

  @Test
  void endTokensDoNotStopTheSteps() throws IOException {
    Path out = folder.resolve("x.safetensors");
    CommandRun run =
        CommandRun.of(
            "trace",
            "--prompt=The capital of France is",
            "--points=hook_embed",
            "--steps=32",
            "--out",
            out.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      assertThat(traced.metadata().get("ids")).isEqualTo("[2043,595,441,343,1260,280]");
      assertThat(traced.metadata().get("generated_ids")).startsWith("[1228,13,").contains(",2043,");
      assertThat(traced.metadata().get("model")).isEqualTo("Inferno Tiny");
      assertThat(traced.names()).contains("step.32.hook_embed").hasSize(33);
    }
  }

  @Test
  void whatIsUnderstoodButFailsLeavesNoFile() {
    Path out = folder.resolve("x.safetensors");
    failed("is not a point of this model", out, "--ids=5", "--points=blocks.3.hook_resid_post");
    failed("is not a point of this model", out, "--ids=5", "--points=logits,bogus");
    failed("token id 384 is not in the vocabulary", out, "--ids=384", "--points=logits");
    failed(
        "a prompt of 2 tokens and 127 steps do not fit in the context, which has room for 128",
        out,
        "--ids=1,2",
        "--steps=127",
        "--points=logits");
    failed("no.json: no such file", out, "--ids=5", "--points=logits", "--edit=no.json");
    Path lost = folder.resolve("no").resolve("x.safetensors");
    failed("cannot write " + lost, lost, "--ids=5", "--points=logits");
    failed("cannot write " + folder, folder, "--ids=5", "--points=logits");
    assertThat(folder).isEmptyDirectory();
  }

  private static void failed(String message, Path out, String... options) {
    String[] all =
        Stream.concat(
                Stream.of("trace", model("llama"), "--out", out.toString()), Stream.of(options))
            .toArray(String[]::new);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).startsWith("inferno trace: ").contains(message).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--steps=-1", "--steps=x", "--ids=1", "--prompt=a", "--bogus", "-t=0"})
  void whatMakesNoSenseIsNotUnderstood(String option) {
    CommandRun run =
        CommandRun.of("trace", model("llama"), "--ids=5", "--points=logits", "--out=x", option);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
  }
}

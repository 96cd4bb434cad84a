package dev.inferno.cli;

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
import java.nio.file.Files;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `trace`.
final class TraceTest {
  private static final List<String> MODELS = List.of("llama", "llama3", "llama-bias");

  @TempDir private Path folder;

  private static String model(String name) {
    return Fixtures.copied("arch/" + name + "/model-f32.gguf").toString();
  }

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

  static Stream<Arguments> edits() {
    return MODELS.stream()
        .flatMap(model ->
            Fixtures.json(Fixtures.copied("arch/" + model + "/edits.json"))
                .required("edits")
                .valueStream()
                .map(edit -> Arguments.of(model, edit.required("name").asText(), edit)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("edits")
  void anEditChangesTheLogitsAsInTheReference(String model, String name, JsonNode edit)
      throws IOException {
    Path vectors = Fixtures.copied("arch/" + model + "/edits.safetensors");
    Files.copy(vectors, folder.resolve("edits.safetensors"));
    JsonNode all = Fixtures.json(Fixtures.copied("arch/" + model + "/edits.json"));
    Path out = folder.resolve("x.safetensors");
    trace(
        model(model),
        "--ids",
        all.required("ids").toString(),
        "--points=logits",
        "--edit",
        edits(edit.toString()),
        "--out",
        out.toString());
    try (SafetensorsFile traced = SafetensorsFile.open(out);
        SafetensorsFile reference = SafetensorsFile.open(vectors)) {
      assertThat(traced.metadata()).containsEntry("edits", "[" + edit + "]");
      close(name, traced.floats("logits"), reference.floats(name + ".logits"), 1e-4);
    }
  }

  @Test
  void editsAreAppliedTogetherAndAlsoInSteps() throws IOException {
    String edits =
        edits(
            """
            {"op":"zero","point":"blocks.*.hook_attn_out","layers":[0,2]},
            {"op":"scale","point":"hook_embed","factor":2,"positions":[1,3]},
            {"op":"zero","point":"blocks.1.attn.hook_z","heads":[0,3]}
            """);
    Path out = folder.resolve("x.safetensors");
    trace(
        model("llama"),
        "--ids=5,6,7",
        "--points=all",
        "--steps=2",
        "--edit",
        edits,
        "--out",
        out.toString());
    Path plain = folder.resolve("plain.safetensors");
    trace(model("llama"), "--ids=5,6,7", "--points=hook_embed", "--out", plain.toString());
    try (SafetensorsFile traced = SafetensorsFile.open(out);
        SafetensorsFile unchanged = SafetensorsFile.open(plain)) {
      for (String step : List.of("", "step.2.")) {
        assertThat(traced.floats(step + "blocks.0.hook_attn_out")).containsOnly(0);
        assertThat(traced.floats(step + "blocks.1.hook_attn_out")).doesNotContain(0);
        assertThat(traced.floats(step + "blocks.2.hook_attn_out")).containsOnly(0);
        float[] z = traced.floats(step + "blocks.1.attn.hook_z");
        for (int i = 0; i < z.length; i++) {
          int head = i / 16 % 4;
          assertThat(z[i] == 0).isEqualTo(head == 0 || head == 3);
        }
      }
      float[] embed = traced.floats("hook_embed");
      float[] before = unchanged.floats("hook_embed");
      for (int i = 0; i < embed.length; i++) {
        assertThat(embed[i]).isEqualTo(i / 64 == 1 ? 2 * before[i] : before[i]);
      }
    }
  }

  @Test
  void aTraceIsPatchedIntoAnotherAndChangesWhatFollows() throws IOException {
    Path clean = folder.resolve("clean.safetensors");
    trace(model("llama"), "--ids=5,6,7", "--points=all", "--steps=2", "--out", clean.toString());
    String patch =
        edits(
            """
            {"op":"patch","point":"blocks.1.hook_resid_pre","file":"clean.safetensors",
             "array":"blocks.1.hook_resid_pre"},
            {"op":"set","point":"blocks.2.hook_mlp_out","value":0.5,"neurons":[3],
             "steps":{"first":1}}
            """);
    Path out = folder.resolve("patched.safetensors");
    // From the patch on, everything is that of the prompt it was recorded from.
    trace(
        model("llama"),
        "--ids=9,9,9",
        "--points=all",
        "--steps=1",
        "--edits",
        patch,
        "--out",
        out.toString());
    try (SafetensorsFile expected = SafetensorsFile.open(clean);
        SafetensorsFile traced = SafetensorsFile.open(out)) {
      assertThat(traced.floats("logits")).isEqualTo(expected.floats("logits"));
      assertThat(traced.floats("blocks.0.hook_resid_post"))
          .isNotEqualTo(expected.floats("blocks.0.hook_resid_post"));
      assertThat(traced.floats("step.1.blocks.2.hook_resid_pre"))
          .isEqualTo(expected.floats("step.1.blocks.2.hook_resid_pre"));
      assertThat(traced.floats("step.1.blocks.2.hook_mlp_out")[3]).isEqualTo(0.5f);
      assertThat(traced.floats("blocks.2.hook_mlp_out")[3]).isNotEqualTo(0.5f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'op':'melt','point':'hook_embed','name':'c'} |"
            + " edit 0 ('c'): op 'melt' is not possible; possible are zero, scale, add, set,",
        "{'op':'cut','point':'hook_embed','query':6,'key':2} |"
            + " cut at attn.hook_attn_scores, not at hook_embed at [6]",
        "{'op':'cut','point':'hook_embed','query':6,'positions':[1],'key':2} | field 'query'",
        "{'op':'clamp','point':'hook_embed','min':1,'max':0} |"
            + " edit 0: hook_embed: min must be at most max",
        "{'op':'patch','point':'hook_embed','file':'no.safetensors','array':'x'} |"
            + " no.safetensors: there is no such file",
        "{'op':'patch','point':'hook_embed','file':'edits.safetensors','array':'x'} |"
            + " edit 0: edits.safetensors has no tensor 'x'",
        "{'op':'zero','point':'blocks.0.ln3.hook_out'} | is not a point of this model",
        "{'op':'zero','point':'blocks.9.hook_z'} | is not a point of this model",
        "{'op':'mask','point':'logits'} | a mask must name the ids of tokens",
        "{'op':'zero'} | edit 0: 'point' must be a string, but is missing",
        "{'point':'hook_embed'} | 'op' must be a string, but is missing",
        "{'op':'scale','point':'hook_embed'} | 'factor' must be a number, but is missing",
        "{'op':'scale','point':'hook_embed','factor':'2'} | 'factor' must be a number, but is \"2\"",
        "{'op':'zero','point':'hook_embed','factor':2} | field 'factor' is not possible",
        "{'op':'zero','point':'hook_embed','heads':[0]} | hook_embed has no heads",
        "{'op':'zero','point':'blocks.0.attn.hook_z','heads':[4]} | the model has 4 heads",
        "{'op':'zero','point':'blocks.0.attn.hook_z','heads':3} | 'heads' must be an array",
        "{'op':'zero','point':'blocks.0.attn.hook_z','layers':[1]} | layer 1 is not among those",
        "{'op':'zero','point':'hook_embed','positions':[-1]} | 'positions[0]' must be an integer from 0",
        "{'op':'add','point':'hook_embed','vector':'nothing'} |"
            + " edits.safetensors has no tensor 'nothing'",
        "{'op':'add','point':'blocks.0.attn.hook_z','heads':[0],'vector':'short'} |"
            + " the vector has 3 numbers",
        "7 | an object was expected, but it is 7",
      })
  void anEditThatCannotBeDoneIsNamed(String edit, String message) throws IOException {
    try (SafetensorsWriter vectors = SafetensorsWriter.of(folder.resolve("edits.safetensors"))) {
      vectors.add("short", List.of(3L), new float[3], 0);
      vectors.commit();
    }
    Path out = folder.resolve("x.safetensors");
    CommandRun run =
        CommandRun.of(
            "trace",
            model("llama"),
            "--ids=5",
            "--points=logits",
            "--edit",
            edits(edit.replace('\'', '"')),
            "--out",
            out.toString());
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(message).hasLineCount(1);
    assertThat(out).doesNotExist();
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
        var recorder =
            TraceRecorder.of(
                "logits,blocks.0.attn.hook_pattern,blocks.0.attn.hook_z,kq-0,l_out-2",
                model.info(),
                writer);
        session.addListener(recorder);
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

  private static void trace(String... arguments) {
    String[] all = Stream.concat(Stream.of("trace"), Stream.of(arguments)).toArray(String[]::new);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
  }

  private String edits(String list) throws IOException {
    Path file = folder.resolve("e.json");
    Files.writeString(file, "{\"edits\":[" + list + "]}");
    return file.toString();
  }

  private static void close(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        assertThat(actual[i])
            .as("%s[%d]", what, i)
            .isEqualTo(expected[i], within((float) tolerance));
      }
    }
  }
}

package dev.inferno.cli;

import static dev.inferno.cli.Traces.close;
import static dev.inferno.cli.Traces.model;
import static dev.inferno.cli.Traces.trace;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Edits of the command `trace`.
final class TraceEditTest {
  private static final List<String> MODELS = List.of("llama", "llama3", "llama-bias");

  @TempDir private Path folder;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'positions':'generated' | step.1.,step.2.",
        "'positions':'prompt' | ''",
        "'when':{'entropy_above':0} | step.1.,step.2.",
      })
  void editsOfSomeTokensActAtThoseOfThePromptOrOfTheSteps(String scope, String acting)
      throws IOException {
    String edits =
        edits(
            "{'op':'zero','point':'blocks.1.hook_mlp_out',%s}".formatted(scope).replace('\'', '"'));
    Path out = folder.resolve("scoped.safetensors");
    trace(
        model("llama"),
        "--ids=5,6,7",
        "--points=blocks.1.hook_mlp_out",
        "--steps=2",
        "--edits",
        edits,
        "--out",
        out.toString());
    List<String> expected = scope.contains("prompt") ? List.of("") : List.of(acting.split(",", -1));
    try (SafetensorsFile traced = SafetensorsFile.open(out)) {
      for (String step : List.of("", "step.1.", "step.2.")) {
        float[] values = traced.floats(step + "blocks.1.hook_mlp_out");
        float[] zeros = new float[values.length];
        assertThat(Arrays.equals(values, zeros)).as(step).isEqualTo(expected.contains(step));
      }
    }
  }

  @Test
  void aTraceOfSomePositionsIsPatchedIntoThose() throws IOException {
    Path some = folder.resolve("some.safetensors");
    trace(
        model("llama"),
        "--ids=5,6,7",
        "--points=blocks.1.hook_resid_post[at=last]",
        "--steps=1",
        "--out",
        some.toString());
    String patch =
        edits(
            """
            {"op":"patch","point":"blocks.1.hook_resid_post","file":"some.safetensors",
             "array":"blocks.1.hook_resid_post"}
            """);
    Path out = folder.resolve("patched.safetensors");
    Path plain = folder.resolve("plain.safetensors");
    for (Path file : List.of(out, plain)) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  model("llama"),
                  "--ids=9,9,9,9,9",
                  "--points=blocks.1.hook_resid_post",
                  "--out",
                  file.toString()));
      if (file.equals(out)) {
        arguments.addAll(List.of("--edits", patch));
      }
      trace(arguments.toArray(String[]::new));
    }
    try (SafetensorsFile recorded = SafetensorsFile.open(some);
        SafetensorsFile traced = SafetensorsFile.open(out);
        SafetensorsFile unchanged = SafetensorsFile.open(plain)) {
      float[] expected = unchanged.floats("blocks.1.hook_resid_post");
      float[] prompt = recorded.floats("blocks.1.hook_resid_post");
      float[] step = recorded.floats("step.1.blocks.1.hook_resid_post");
      System.arraycopy(prompt, 0, expected, 2 * prompt.length, prompt.length);
      System.arraycopy(step, 0, expected, 3 * step.length, step.length);
      assertThat(traced.floats("blocks.1.hook_resid_post")).isEqualTo(expected);
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

  private String edits(String list) throws IOException {
    Path file = folder.resolve("e.json");
    Files.writeString(file, "{\"edits\":[" + list + "]}");
    return file.toString();
  }
}

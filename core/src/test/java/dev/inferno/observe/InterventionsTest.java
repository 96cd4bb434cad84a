package dev.inferno.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interventions as JSON.
class InterventionsTest {
  private static final Path GUIDE = Path.of("..", "docs", "guides", "interventions.md");
  private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
  private static final String ARRAY = "blocks.2.hook_resid_pre";

  @TempDir Path folder;

  private void writeRecording() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.of(folder.resolve("clean.safetensors"))) {
      writer.add(ARRAY, List.of(2L, 2L), new float[] {1, 2, 3, 4}, 0);
      writer.commit();
    }
  }

  static Stream<Intervention> interventions() {
    float[] floats = {
      0.1f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 16777216, 1 / 3f, -Float.MIN_NORMAL, 3e10f
    };
    return Stream.of(
        Hook.EMBED.all().zero(),
        Hook.RESID_PRE.layer(0).scale(-1.5e-10f),
        Hook.Z.layers(1, 3).heads(0, 2).add(floats),
        Hook.RESID_MID.allLayers().set(0.1f),
        Hook.RESID_MID.layer(11).set(floats),
        Hook.RESID_MID.layer(11).mean(floats),
        Hook.MLP_OUT.layer(2).clamp(-0.3f, Float.MAX_VALUE),
        Hook.Z.layer(2).projectOut(floats),
        Hook.EMBED.all().noise(0.7f, Long.MIN_VALUE),
        Hook.EMBED.all().noise(0.7f, Long.MAX_VALUE),
        Hook.FINAL_NORM.all().zero(),
        Hook.FINAL_NORM.all().everyPosition().zero(),
        Hook.ATTN_OUT.layer(1).positions(4, 2).zero(),
        Hook.ATTN_OUT.layer(1).zero().onlyGenerated(),
        Hook.ATTN_OUT.layer(1).zero().onlyPrompt().neurons(3, 1, 2),
        Hook.ATTN_OUT.layer(1).zero().steps(2, 5).onlyTokens(7, 8),
        Hook.ATTN_OUT.layer(1).zero().fromStep(3).everyStep(4),
        Hook.ATTN_OUT.layer(1).zero().whenEntropyAbove(0.1),
        Hook.ATTN_OUT.layer(1).zero().whenProbabilityBelow(1e-300).whenEntropyAbove(1 / 3.0),
        Hook.SCORES.layer(1).add(-0.7f),
        Hook.UNEMBED_OUT.all().set(-3).neurons(5),
        Hook.LOGITS.all().everyPosition().mask(9, 4, 6),
        Hook.LOGITS.all().mask(0));
  }

  @ParameterizedTest
  @MethodSource("interventions")
  void whatIsWrittenIsReadAsTheSame(Intervention intervention) throws IOException {
    String json = Interventions.toJson(intervention);
    assertThat(Interventions.parseOne(json, folder)).as(json).isEqualTo(intervention);
  }

  @Test
  void aListKeepsItsOrder() {
    List<Intervention> all = interventions().toList();
    assertThat(Interventions.parse(Interventions.toJson(all))).isEqualTo(all);
    assertThat(Interventions.toJson(List.of())).isEqualTo("{\"edits\":[]}");
    assertThat(Interventions.parse(" {\"edits\" : [ ] } ")).isEmpty();
  }

  @Test
  void theFormIsStable() {
    assertThat(
            Interventions.toJson(
                List.of(
                    Hook.Z.layer(5).heads(3).positions(1, 2).add(new float[] {0.1f, 2}, 2),
                    Hook.MLP_OUT.layers(0, 2).clamp(-1, 1e20f).neurons(4).steps(1, 9).onlyTokens(6),
                    Hook.EMBED.all().noise(1, -3).onlyGenerated())))
        .isEqualTo(
            "{\"edits\":["
                + "{\"op\":\"add\",\"point\":\"blocks.5.attn.hook_z\",\"heads\":[3],"
                + "\"positions\":[1,2],\"vector\":[0.2,4.0]},"
                + "{\"op\":\"clamp\",\"point\":\"blocks.*.hook_mlp_out\",\"layers\":[0,2],"
                + "\"neurons\":[4],\"steps\":{\"first\":1,\"last\":9},\"tokens\":[6],"
                + "\"min\":-1.0,\"max\":1.0E20},"
                + "{\"op\":\"noise\",\"point\":\"hook_embed\",\"positions\":\"generated\","
                + "\"sigma\":1.0,\"seed\":-3}]}");
  }

  @Test
  void aPatchIsReadFromItsFileAndWrittenAsItsName() throws IOException {
    writeRecording();
    String json =
        "{\"edits\":[{\"op\":\"patch\",\"point\":\"blocks.2.hook_resid_pre\","
            + "\"file\":\"clean.safetensors\",\"array\":\"blocks.2.hook_resid_pre\"}]}";
    List<Intervention> read = Interventions.parse(json, folder);
    assertThat(read.getFirst().operation())
        .isInstanceOfSatisfying(
            Intervention.PatchIn.class, in -> assertThat(in.patch().get(1, 0)).isEqualTo(3));
    assertThat(Interventions.toJson(read)).isEqualTo(json);

    Path file = folder.resolve("edits.json");
    Files.writeString(file, json);
    assertThat(Interventions.read(file)).isEqualTo(read);

    refused(() -> Interventions.parse(json), "is not read where no folder is given");
    refused(
        () ->
            Interventions.parse(
                json.replace(
                    "blocks.2.hook_resid_pre\",\"file", "blocks.*.hook_resid_pre\",\"file"),
                folder),
        "a patch needs one layer");
    Patch memory = Patch.of(Hook.EMBED, -1, new int[] {0}, new float[2]);
    refused(
        () -> Interventions.toJson(Hook.EMBED.all().patch(memory)),
        "a patch that is not of a file cannot be written");
    assertThatThrownBy(() -> Interventions.parse(json.replace("clean", "lost"), folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("lost.safetensors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"l_out-3", "blocks.3.hook_resid_post"})
  void bothNamesOfAPointAreUnderstood(String name) throws IOException {
    assertThat(Interventions.parseOne("{\"point\":\"" + name + "\",\"op\":\"zero\"}", folder))
        .isEqualTo(Hook.RESID_POST.layer(3).zero());
  }

  @Test
  void aFloatIsTheOneNearestToItsDigits() throws IOException {
    // Halfway between two floats but for the last digit; rounded to a double first, it is halfway.
    String digits = "1.000000059604644775390626";
    assertThat(
            Interventions.parseOne(
                    "{\"op\":\"scale\",\"point\":\"hook_embed\",\"factor\":" + digits + "}", folder)
                .operation())
        .isEqualTo(new Intervention.Scale(Math.nextUp(1f)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'edits':[{'op':'zero','op':'zero','point':'hook_embed'}]} | not valid JSON at line 1, column",
        "{'edits':[{'op':'zero','point':'hook_embed'}] | not valid JSON at line 1",
        "{'edits':[{'op':'zero','point':'hook_embed'}]} 1 | the text goes on after its closing brace",
        "{'edits':[],'edit':[]} | field 'edit' is not possible; possible are [edits]",
        "{} | 'edits' must be an array, but is missing",
        "[] | the whole must be an object, but is an array",
        "`` | the whole must be an object, but is missing",
        "{'edits':{}} | 'edits' must be an array, but is an object",
        "{'edits':[7]} | 'edits[0]' must be an object, but is 7",
        "{'edits':[null]} | 'edits[0]' must be an object, but is null",
        "{'edits':[{'op':'zero','point':'hook_embed'},{'op':'zero'}]} |"
            + " 'edits[1].point' must be a string, but is missing",
        "{'point':'hook_embed'} | 'edits[0].op' must be a string, but is missing",
        "{'op':'melt','point':'hook_embed'} | edits[0].op 'melt' is not possible; possible are zero,"
            + " scale, add, set, mean, clamp, project_out, noise, patch, cut, mask",
        "{'op':3,'point':'hook_embed'} | 'edits[0].op' must be a string, but is 3",
        "{'op':'zero','point':'hook_embed','bogus':1} |"
            + " field 'edits[0].bogus' is not possible; possible are [op, point, layers, heads,"
            + " neurons, positions, steps, tokens, when, factor,",
        "{'op':'zero','point':'hook_embed','factor':1} | field 'edits[0].factor' is not possible with"
            + " op 'zero'; possible are [op, point, layers, heads, neurons, positions, steps, tokens, when]",
        "{'op':'zero','point':'blocks.0.bogus'} | 'edits[0].point' must be one of [hook_embed,",
        "{'op':'zero','point':'blocks.00.hook_resid_pre'} | with a layer for the *, but is 'blocks.00",
        "{'op':'zero','point':''} | but is ''",
        "{'op':'zero','point':'blocks.0.mlp.hook_expert_indices'} | can be watched but not changed",
        "{'op':'mask','point':'logits'} | edits[0]: logits: a mask must name the ids of tokens",
        "{'op':'mask','point':'hook_embed','neurons':[1]} | masked at logits, not at hook_embed",
        "{'op':'zero','point':'hook_embed','when':2} | 'edits[0].when' must be an object, but is 2",
        "{'op':'zero','point':'hook_embed','when':{}} | must have entropy_above or probability_below",
        "{'op':'zero','point':'hook_embed','when':{'entropy':1}} |"
            + " field 'edits[0].when.entropy' is not possible; possible are [entropy_above,",
        "{'op':'zero','point':'hook_embed','when':{'entropy_above':'1'}} |"
            + " 'edits[0].when.entropy_above' must be a number, but is \"1\"",
        "{'op':'zero','point':'hook_embed','when':{'entropy_above':-1}} |"
            + " 'edits[0].when': entropy above must be a finite number of nats",
        "{'op':'zero','point':'hook_embed','when':{'probability_below':0}} | above 0 and at most 1",
        "{'op':'add','point':'hook_embed'} |"
            + " op 'add' takes either 'edits[0].value' or 'edits[0].vector'",
        "{'op':'add','point':'hook_embed','value':3e38,'factor':2} | value must be finite",
        "{'op':'zero','point':'blocks.0.hook_resid_pre','layers':[1]} |"
            + " 'edits[0].layers' cannot stand beside 'blocks.0.hook_resid_pre'",
        "{'op':'zero','point':'hook_embed','layers':[1]} | edits[0]: hook_embed is not in the blocks",
        "{'op':'zero','point':'hook_embed','heads':[1]} | edits[0]: hook_embed has no heads",
        "{'op':'zero','point':'hook_embed','neurons':[]} | 'edits[0].neurons' must name something",
        "{'op':'zero','point':'hook_embed','neurons':[1.5]} |"
            + " 'edits[0].neurons[0]' must be an integer from 0 to 2147483647, but is 1.5",
        "{'op':'zero','point':'hook_embed','tokens':[1,-1]} | 'edits[0].tokens[1]' must be an integer",
        "{'op':'zero','point':'hook_embed','tokens':[99999999999999999999]} | 'edits[0].tokens[0]'",
        "{'op':'zero','point':'hook_embed','positions':'first'} | 'edits[0].positions' must be an"
            + " array of integers, or 'all', 'last', 'prompt' or 'generated', but is \"first\"",
        "{'op':'zero','point':'hook_embed','positions':3} | or 'generated', but is 3",
        "{'op':'zero','point':'hook_embed','steps':[1]} |"
            + " 'edits[0].steps' must be an object, but is an array",
        "{'op':'zero','point':'hook_embed','steps':{'from':1}} |"
            + " field 'edits[0].steps.from' is not possible; possible are [first, last, every]",
        "{'op':'zero','point':'hook_embed','steps':{'first':4,'last':2}} |"
            + " 'edits[0].steps': the last step must be at least the first, 4, but is 2",
        "{'op':'zero','point':'hook_embed','steps':{'every':0}} | every must be at least 1",
        "{'op':'scale','point':'hook_embed','factor':'2'} |"
            + " 'edits[0].factor' must be a number, but is \"2\"",
        "{'op':'scale','point':'hook_embed','factor':1e39} |"
            + " 'edits[0].factor' must be a number that a float can hold, but is 1e39",
        "{'op':'scale','point':'hook_embed','factor':NaN} | not valid JSON at line 1",
        "{'op':'scale','point':'hook_embed'} | 'edits[0].factor' must be a number, but is missing",
        "{'op':'add','point':'hook_embed','vector':3} | must be an array of numbers, but is 3",
        "{'op':'add','point':'hook_embed','vector':[1,[2]]} |"
            + " 'edits[0].vector[1]' must be a number, but is an array",
        "{'op':'add','point':'hook_embed','vector':[]} | edits[0]: hook_embed: a vector must have",
        "{'op':'add','point':'hook_embed','vector':[3e38],'factor':2} | vector[0] must be finite",
        "{'op':'set','point':'hook_embed'} |"
            + " op 'set' takes either 'edits[0].value' or 'edits[0].vector'",
        "{'op':'set','point':'hook_embed','value':1,'vector':[1]} | op 'set' takes either",
        "{'op':'clamp','point':'hook_embed','min':2,'max':1} |"
            + " edits[0]: hook_embed: min must be at most max, but they are 2.0 and 1.0",
        "{'op':'project_out','point':'hook_embed','direction':[0,0]} | to project out has length 0",
        "{'op':'noise','point':'hook_embed','sigma':-1,'seed':1} | sigma must be at least 0",
        "{'op':'noise','point':'hook_embed','sigma':1,'seed':1.0} | 'edits[0].seed' must be an integer",
        "{'op':'noise','point':'hook_embed','sigma':1,'seed':9223372036854775808} | 'edits[0].seed'",
        "{'op':'patch','point':'hook_embed','array':'x'} | 'edits[0].file' must be a string",
        "{'op':'cut','point':'hook_embed','key':1} | is cut at attn.hook_attn_scores, not at hook_embed",
        "{'op':'cut','point':'hook_embed','key':-1} | 'edits[0].key' must be an integer from 0",
      })
  void whatIsWrongIsNamed(String text, String message) {
    String json = text.replace('\'', '"');
    String whole =
        json.startsWith("{\"op\"") || json.startsWith("{\"point\"")
            ? "{\"edits\":[" + json + "]}"
            : json;
    refused(() -> Interventions.parse(whole), message);
  }

  @Test
  void aFileThatIsWrongIsNamed() throws IOException {
    Path file = folder.resolve("edits.json");
    Files.writeString(file, "{\"edits\":[1]}");
    refused(() -> Interventions.read(file), file + ": 'edits[0]' must be an object, but is 1");
    Files.write(file, new byte[] {'{', (byte) 0xFF});
    refused(() -> Interventions.read(file), file + ": not UTF-8");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theGuidesExamplesAreRead() throws IOException {
    writeRecording();
    String guide = Files.readString(GUIDE, StandardCharsets.UTF_8);
    Set<String> operations = new TreeSet<>();
    List<String> examples = EXAMPLE.matcher(guide).results().map(match -> match.group(1)).toList();
    for (String example : examples) {
      List<Intervention> read =
          example.startsWith("{\"edits\"")
              ? Interventions.parse(example, folder)
              : List.of(Interventions.parseOne(example, folder));
      read.forEach(one -> operations.add(OperationName.of(one.operation()).json()));
      assertThat(Interventions.parse(Interventions.toJson(read), folder)).isEqualTo(read);
    }
    assertThat(operations).isEqualTo(new TreeSet<>(OperationName.all()));
  }
}

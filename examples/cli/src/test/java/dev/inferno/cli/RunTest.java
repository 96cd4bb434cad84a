package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `run`, with the bundled model where no other is named.
final class RunTest {
  private static final String MODEL = Fixtures.copied("arch/llama/model-f32.gguf").toString();

  @TempDir private Path folder;

  static Stream<JsonNode> goldens() {
    return Fixtures.json(Fixtures.copied("models/inferno-tiny/goldens.json"))
        .required("prompts")
        .valueStream();
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void theBundledModelSaysWhatTheReferenceSays(JsonNode golden) {
    JsonNode run = run("--prompt", golden.required("text").asText());
    assertThat(run.required("prompt_ids")).isEqualTo(golden.required("ids"));
    assertThat(clear(run.required("ids"), golden)).isEqualTo(clear(golden));

    JsonNode verbatim = run("--ids", golden.required("ids").toString());
    assertThat(verbatim.required("ids")).isEqualTo(run.required("ids"));
  }

  private static JsonNode run(String option, String prompt) {
    return CommandRun.of(
            "run",
            option,
            prompt,
            "--greedy",
            "--kv=f32",
            "--ignore-eos",
            "--max-tokens=48",
            "--json")
        .json();
  }

  /// The golden tokens before the first one that was a close decision.
  private static List<Integer> clear(JsonNode golden) {
    return clear(golden.required("q8_0_greedy"), golden);
  }

  private static List<Integer> clear(JsonNode ids, JsonNode golden) {
    return ids.valueStream()
        .limit(
            golden
                .required("q8_0_greedy_gaps")
                .valueStream()
                .takeWhile(gap -> gap.asDouble() >= 0.02)
                .count())
        .map(JsonNode::intValue)
        .toList();
  }

  @Test
  void theComputationCanBeChanged() throws IOException {
    Path edits = folder.resolve("edits.json");
    Files.writeString(edits, "{\"edits\":[{\"op\":\"zero\",\"point\":\"blocks.*.hook_mlp_out\"}]}");
    String[] options = {
      "run", "--prompt=The capital of France is", "--temp=0", "--max-tokens=8", "--json"
    };
    String plain = CommandRun.of(options).json().required("text").asText();
    String[] changed = Arrays.copyOf(options, options.length + 1);
    changed[options.length] = "--edits=" + edits;
    assertThat(CommandRun.of(changed).json().required("text").asText()).isNotEqualTo(plain);

    Files.writeString(edits, "{\"edits\":[{\"op\":\"zero\"}]}");
    CommandRun refused = CommandRun.of(changed);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("edits.json: edit 0: 'point' must be a string, but is missing")
        .hasLineCount(1);
  }

  @Test
  void textIsStreamedToTheOutputAndASummaryToTheErrors() {
    CommandRun run = CommandRun.of("run", "--prompt=The capital of France is", "--temp=0");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith(" Paris. The capital of France is Paris.").endsWith(".\n");
    assertThat(run.out()).hasLineCount(1);
    assertThat(run.err())
        .matches(
            "\\[eos after 30 tokens; prompt: 6 tokens, [\\d.]+ tokens/s; then [\\d.]+ tokens/s;"
                + " seed -?\\d+]\n");
  }

  @Test
  void theJsonObjectHasExactlyTheseFields() {
    CommandRun run =
        CommandRun.of("run", "--prompt=The capital", "--max-tokens=3", "--seed=7", "--json");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).hasLineCount(1).endsWith("}\n");
    JsonNode json = run.json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "prompt_ids",
            "ids",
            "text",
            "end",
            "seed",
            "prefill_tps",
            "decode_tps",
            "sampling",
            "generation_defaults");
    assertThat(json.required("ids")).hasSize(3);
    assertThat(json.required("text").isTextual()).isTrue();
    assertThat(json.required("end").asText()).isEqualTo("length");
    assertThat(json.required("seed").longValue()).isEqualTo(7);
    assertThat(json.required("prefill_tps").doubleValue()).isPositive();
    assertThat(json.required("decode_tps").doubleValue()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "eos, 30, --greedy",
    "length, 2, --greedy --max-tokens 2",
    "length, 0, --max-tokens 0",
    "context, 4, --greedy --ctx 10",
    "length, 40, --greedy --ignore-eos --max-tokens 40 --ctx 10 --context-shift 2",
    "stop, 4, --greedy --stop=_of --stop=ital",
  })
  void theEndHasAReason(String end, int tokens, String options) {
    String[] arguments = ("run --json --prompt The_capital_of_France_is " + options).split(" ");
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = arguments[i].replace('_', ' ');
    }
    JsonNode run = CommandRun.of(arguments).json();
    assertThat(run.required("end").asText()).isEqualTo(end);
    assertThat(run.required("ids")).hasSize(tokens);
  }

  @Test
  void theTextEndsBeforeTheStopString() {
    var options = List.of("run", "--prompt=The capital of France is", "--greedy", "--stop=. The");
    assertThat(CommandRun.of(options.toArray(String[]::new)).out()).isEqualTo(" Paris\n");
  }

  @Test
  void whatIsForcedIsSaidFirst() {
    String[] arguments = {
      "run", "--prompt=The capital of France is", "--greedy", "--max-tokens=8", "--force= Rome. The"
    };
    assertThat(CommandRun.of(arguments).out()).isEqualTo(" Rome. The capital of France is Paris\n");
    arguments[3] = "--max-tokens=2";
    CommandRun refused = CommandRun.of(arguments);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo("inferno run: 3 tokens are forced, but at most 2 are to be generated\n");
  }

  @Test
  void specialTokensThatAreForcedAreUnderstoodUnlessToldOtherwise() {
    String[] arguments = {"run", "--prompt=Hi", "--force=<|endoftext|>", "--json", "--greedy"};
    JsonNode ended = CommandRun.of(arguments).json();
    assertThat(ended.required("end").asText()).isEqualTo("eos");
    assertThat(ended.required("ids")).isEmpty();
    arguments[4] = "--no-special";
    assertThat(CommandRun.of(arguments).json().required("text").asText())
        .startsWith("<|endoftext|>");
  }

  @Test
  void theSameSeedGivesTheSameText() {
    String[] arguments = {
      "run",
      "--prompt=Once",
      "--seed=-5",
      "--temp=1.5",
      "--top-k=0",
      "--top-p=1",
      "--min-p=0",
      "--repeat-penalty=1.1",
      "--frequency-penalty=0.1",
      "--presence-penalty=0.1",
      "--penalty-last-n=-1",
      "--max-tokens=12",
      "-t",
      "1"
    };
    String text = CommandRun.of(arguments).out();
    assertThat(text).isNotBlank().isEqualTo(CommandRun.of(arguments).out());
    arguments[2] = "--seed=6";
    assertThat(CommandRun.of(arguments).out()).isNotEqualTo(text);
  }

  @Test
  void specialTokensInThePromptAreUnderstoodUnlessToldOtherwise() {
    JsonNode special = CommandRun.of("run", "--prompt=<|user|>", "--max-tokens=0", "--json").json();
    assertThat(special.required("prompt_ids")).hasToString("[2043,2045]");
    JsonNode plain =
        CommandRun.of("run", "--prompt=<|user|>", "--no-special", "--max-tokens=0", "--json")
            .json();
    assertThat(plain.required("prompt_ids").valueStream().map(JsonNode::intValue))
        .startsWith(2043)
        .doesNotContain(2045)
        .hasSizeGreaterThan(3);
  }

  @Test
  void thePromptMayComeFromAFileOrTheStandardInput() throws IOException {
    String text = "Zoé's ❤️\n";
    Path file = Files.writeString(folder.resolve("größe.txt"), text);
    String[] fromFile = {"run", "--prompt-file", file.toString(), "--max-tokens=0", "--json"};
    String[] fromInput = {"run", "--prompt-file=-", "--max-tokens=0", "--json"};
    JsonNode expected = CommandRun.of("run", "--prompt", text, "--max-tokens=0", "--json").json();
    assertThat(CommandRun.of(fromFile).json().required("prompt_ids"))
        .isEqualTo(expected.required("prompt_ids"));
    assertThat(CommandRun.withInput(text, fromInput).json().required("prompt_ids"))
        .isEqualTo(expected.required("prompt_ids"));

    var latin1 = new ByteArrayInputStream(new byte[] {'a', 'b', (byte) 0xE9, 'c'});
    CommandRun refused = CommandRun.of(latin1, fromInput);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).isEqualTo("inferno run: the standard input: not UTF-8 at byte 2\n");
  }

  @Test
  void whenNobodyReadsTheOutputTheRunEnds() {
    var broken =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("broken pipe");
              }
            },
            true,
            UTF_8);
    var err = new java.io.ByteArrayOutputStream();
    var console =
        new Console(InputStream.nullInputStream(), broken, new PrintStream(err, true, UTF_8));
    int exitCode =
        Main.run(
            console, Main.commands(console), "run", "--prompt=Once", "--greedy", "--ignore-eos");
    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString(UTF_8))
        .startsWith("[cancelled after 1 tokens;")
        .endsWith("inferno: the output could not be written completely\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--temp=-0.1",
        "--temp=NaN",
        "--temp=Infinity",
        "--temp=hot",
        "--top-k=-1",
        "--top-k=1.5",
        "--top-p=1.1",
        "--top-p=-0.1",
        "--top-p=NaN",
        "--min-p=2",
        "--min-p=NaN",
        "--repeat-penalty=0",
        "--frequency-penalty=NaN",
        "--presence-penalty=Infinity",
        "--penalty-last-n=-2",
        "--max-tokens=-1",
        "--max-tokens=99999999999",
        "--seed=x",
        "--stop=",
        "--ctx=0",
        "--ctx=-5",
        "--context-shift=-1",
        "--kv=f64",
        "--threads=0",
        "-t=1025",
        "--ids=1,2",
        "--prompt-file=x",
        "--bogus",
        "MODEL2"
      })
  void anOptionOutOfRangeIsNotUnderstood(String option) {
    CommandRun run = CommandRun.of("run", MODEL, "--prompt=a", option);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("inferno run: ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ",", "1,", "1,,2", "-1", "1,-2", "1;2", "x", "2147483648", "1.0", "["})
  void idsThatAreNoneAreNotUnderstood(String ids) {
    CommandRun run = CommandRun.of("run", MODEL, "--ids=" + ids);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("token ids must be integers of at least 0").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"@pom.xml", "-5", "--no-such", "${sys:user.home}", "\"quoted\""})
  void aPromptIsTakenAsItIs(String text) {
    CommandRun run = CommandRun.of("run", "--prompt", text, "--max-tokens=0", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    String ids = run.json().required("prompt_ids").toString();
    assertThat(CommandRun.of("detokenize", "--ids", ids).out())
        .isEqualTo("<|endoftext|>" + text + "\n");
  }

  @Test
  void aPromptIsNeeded() {
    assertThat(CommandRun.of("run").exitCode()).isEqualTo(2);
  }

  @Test
  void aMessageNamesTheRange() {
    assertThat(CommandRun.of("run", "--prompt=a", "--temp=NaN").err())
        .isEqualTo(
            "inferno run: temperature must be finite and at least 0, but is NaN"
                + " (see inferno run --help)\n");
    assertThat(CommandRun.of("run", "--prompt=a", "-t", "0").err())
        .isEqualTo("inferno run: --threads must be 1 to 1024, but is 0 (see inferno run --help)\n");
  }

  @Test
  void whatIsUnderstoodButFailsIsOneLine() throws IOException {
    failed("cannot read no/such.gguf: there is no such file", "no/such.gguf", "--prompt=a");
    failed(folder + ": the prompt cannot be a text", folder.toString(), "--prompt=a");
    Path foreign = Files.writeString(folder.resolve("x.gguf"), "not a model at all");
    failed("x.gguf: malformed", foreign.toString(), "--prompt=a");
    byte[] whole = Files.readAllBytes(Path.of(MODEL));
    Path cut = Files.write(folder.resolve("cut.gguf"), java.util.Arrays.copyOf(whole, 300_000));
    failed("cut.gguf: malformed", cut.toString(), "--prompt=a");
    failed("token id 384 is not in the vocabulary, which has the ids 0 to 383", MODEL, "--ids=384");
    failed("do not fit: the context has room for 2", MODEL, "--ids=1,2,3", "--ctx=2");
    failed(
        "contextShift must keep fewer than 4 first positions in a context of 5, but keeps 4",
        MODEL,
        "--ids=1",
        "--ctx=5",
        "--context-shift=4");
    failed("cannot read ", MODEL, "--prompt-file", folder.toString());
    failed("nofile: no such file", MODEL, "--prompt-file", "nofile");
  }

  private static void failed(String message, String... arguments) {
    String[] all = Stream.concat(Stream.of("run"), Stream.of(arguments)).toArray(String[]::new);
    CommandRun run = CommandRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("inferno run: ").contains(message).hasLineCount(1);
  }

  @Test
  void aContextBeyondTheTrainingIsWarnedOf() {
    CommandRun run = CommandRun.of("run", MODEL, "--ids=1", "--ctx=200", "--max-tokens=1");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err())
        .contains("warning: a context of 200 is more than the 128 that tiny was trained for\n");
  }

  @Test
  void aPrefixFromAFileGoesOnAsTheWholePrompt() {
    String file = folder.resolve("a.prefix").toString();
    JsonNode first =
        CommandRun.of(
                "run",
                "-p",
                "Once upon a time",
                "--greedy",
                "--max-tokens=8",
                "--save-prefix",
                file,
                "--json")
            .json();
    JsonNode plain =
        CommandRun.of("run", "-p", "Once upon a time", "--greedy", "--max-tokens=8", "--json")
            .json();
    assertThat(first.required("ids")).isEqualTo(plain.required("ids"));
    assertThat(first.required("prompt_ids")).isEqualTo(plain.required("prompt_ids"));
    assertThat(first.required("prefill_tps").asDouble()).isPositive();
    JsonNode again =
        CommandRun.of("run", "--prefix", file, "-p", "", "--greedy", "--max-tokens=8", "--json")
            .json();
    assertThat(again.required("ids")).isEqualTo(plain.required("ids"));
    assertThat(again.required("prompt_ids")).isEmpty();

    CommandRun otherFormat = CommandRun.of("run", "--prefix", file, "-p", "x", "--kv=Q8_0");
    assertThat(otherFormat.exitCode()).isEqualTo(1);
    assertThat(otherFormat.err())
        .contains("--prefix " + file + ": ", "keys and values in F16", "is to have Q8_0");
    CommandRun other = CommandRun.of("run", "--prefix", file, "-p", "x", MODEL);
    assertThat(other.exitCode()).isNotZero();
    assertThat(other.err()).contains("it was saved with another model than");
  }

  @Test
  void aPrefixThatCannotBeWrittenIsToldBeforeTheWork() {
    Path lost = folder.resolve("absent").resolve("a.prefix");
    CommandRun run = CommandRun.of("run", "no/such/model.gguf", "-p", "x", "--save-prefix=" + lost);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "inferno run: cannot write %s: there is no folder %s\n"
                .formatted(lost, lost.getParent()));
    assertThat(
            CommandRun.of("run", "no/such/model.gguf", "-p", "x", "--save-prefix=" + folder).err())
        .isEqualTo("inferno run: cannot write %s: it is a folder, not a file\n".formatted(folder));
  }

  @Test
  void speculationGivesTheSameTextAndSaysWhatItDrafted() {
    String[] arguments = {
      "run", "-p", "one two three, one two three, one two", "--greedy", "--max-tokens=60", "--json"
    };
    JsonNode plain = CommandRun.of(arguments).json();
    String[] speculating = Arrays.copyOf(arguments, arguments.length + 1);
    speculating[arguments.length] = "--speculate=8";
    JsonNode run = CommandRun.of(speculating).json();
    assertThat(run.required("ids")).isEqualTo(plain.required("ids"));
    assertThat(run.required("drafted").asInt())
        .isPositive()
        .isGreaterThanOrEqualTo(run.required("accepted").asInt());
    assertThat(plain.has("drafted")).isFalse();
    assertThat(CommandRun.of("run", "-p", "x", "--speculate=16").err())
        .contains("speculation must be from 0 to 15, but is 16");
  }
}

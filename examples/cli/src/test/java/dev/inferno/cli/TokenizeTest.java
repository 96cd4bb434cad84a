package dev.inferno.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands `tokenize` and `detokenize`, with the bundled model where no other is named.
final class TokenizeTest {
  private static final String LLAMA = Fixtures.copied("arch/llama/model-f32.gguf").toString();

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--text=<|end|>                          ; [2043,2047]",
        "--text=<|end|> --bos=never              ; [2047]",
        "--text=<|end|> --bos=NEVER --no-special ; [276,293,277]",
        "--text=                                 ; [2043]",
        "--text= --bos=never                     ; []",
      })
  void aTextBecomesIds(String options, String ids) {
    CommandRun run = CommandRun.of(("tokenize " + options).split(" "));
    assertThat(run).isEqualTo(new CommandRun(0, ids + "\n", ""));
  }

  private static final String TOKENIZER_JSON =
      "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"ab\":2},\"merges\":[\"a b\"]}}";

  @Test
  void aTokenizerJsonOrItsFolderWillDo() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER_JSON);
    for (Path model : new Path[] {file, folder}) {
      assertThat(CommandRun.of("tokenize", model.toString(), "--text=abba"))
          .isEqualTo(new CommandRun(0, "[2,1,0]\n", ""));
      assertThat(CommandRun.of("detokenize", model.toString(), "--ids=2,1"))
          .isEqualTo(new CommandRun(0, "ab b\n", ""));
    }
  }

  private String steps(String tokenizerJson, String text) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), tokenizerJson);
    CommandRun run = CommandRun.of("tokenize", file.toString(), "--steps", "--text", text);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  @Test
  void theWorkIsShown() throws IOException {
    assertThat(steps(TOKENIZER_JSON, "abba"))
        .isEqualTo(
            """
            text 0-4  'abba'
            piece 0-4  'abba'
              a b b a
              ab b a   a + b, rank 0
              0-2  ab = 2
              2-3  b = 1
              3-4  a = 0
            [2,1,0]
            """);
    assertThat(steps(TOKENIZER_JSON, "ab".repeat(21)))
        .contains("\n  42 symbols\n  ab          a + b, rank 0\n");
    assertThat(CommandRun.of("tokenize", "--steps", "--text=<|end|>").out())
        .isEqualTo(
            """
            added 0-0  <|endoftext|> = 2043
            found 0-7  <|end|> = 2047
            [2043,2047]
            """);
  }

  @Test
  void theWorkOfOtherKindsIsShown() throws IOException {
    assertThat(
            steps(
                "{'model':{'type':'Unigram','unk_id':0,'vocab':[['?',0],['a',-1],['aa',-1.5]]}}"
                    .replace('\'', '"'),
                "aa"))
        .isEqualTo(
            """
            text 0-2  'aa'
            piece 0-2  'aa'
              0-1  a -1.0000, sum -1.0000, the best so far
              0-2  aa -1.5000, sum -1.5000, the best so far
              1-2  a -1.0000, sum -2.0000
              0-2  aa = 2
            [2]
            """);
    assertThat(
            steps(
                "{'model':{'type':'WordPiece','unk_token':'?','vocab':{'?':0,'un':1,'##a':2}}}"
                    .replace('\'', '"'),
                "una\n"))
        .isEqualTo(
            """
            text 0-4  'una\\n'
            piece 0-4  'una\\n'
              0-2  un
              2-3  ##a
              0-4  ? = 0, unknown
            [0]
            """);
    assertThat(
            steps(
                "{'model':{'type':'BPE','byte_fallback':true,'vocab':{'<0xC3>':0,'<0xA9>':1},'merges':[]}}"
                    .replace('\'', '"'),
                "éb"))
        .contains("\n  1-2  a byte without token is left out\n")
        .endsWith("  0-1  <0xC3> = 0, a byte\n  0-1  <0xA9> = 1, a byte\n[0,1]\n");
  }

  @Test
  void theWorkIsShownAsJson() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), TOKENIZER_JSON);
    String steps =
        "\"steps\":[{\"step\":\"normalized\",\"text\":\"ab\",\"bytes\":[0,2],\"chars\":[0,2]},"
            + "{\"step\":\"piece\",\"text\":\"ab\",\"bytes\":[0,2],\"chars\":[0,2]},"
            + "{\"step\":\"symbols\",\"symbols\":[\"a\",\"b\"]},"
            + "{\"step\":\"merge\",\"left_at\":0,\"right_at\":1,\"left\":\"a\",\"right\":\"b\","
            + "\"merged\":\"ab\",\"rank\":0},"
            + "{\"step\":\"token\",\"index\":0,\"id\":2,\"token\":\"ab\",\"origin\":\"piece\","
            + "\"bytes\":[0,2],\"chars\":[0,2]}]}\n";
    assertThat(CommandRun.of("tokenize", file.toString(), "--text=ab", "--json", "--steps"))
        .isEqualTo(
            new CommandRun(0, "{\"ids\":[2],\"pieces\":[\"ab\"],\"offsets\":[[0,2]]," + steps, ""));
    assertThat(CommandRun.withInput("\"ab\"\n", "tokenize", file.toString(), "--jsonl", "--steps"))
        .isEqualTo(new CommandRun(0, "{\"ids\":[2]," + steps, ""));
  }

  @Test
  void theGuideShowsWhatIsPrinted() throws IOException {
    String guide = Files.readString(Path.of("../../docs/guides/tokenizers.md"));
    CommandRun run =
        CommandRun.of("tokenize", "--bos", "never", "--steps", "--text", "I'm learning AI");
    assertThat(guide)
        .contains(
            "$ inferno tokenize --bos never --steps --text \"I'm learning AI\"\n" + run.out());
  }

  @Test
  void aSentencePieceModelWillDo() throws IOException {
    byte[] pieces = {
      10,
      9,
      10,
      5,
      '<',
      'u',
      'n',
      'k',
      '>',
      24,
      2, // the piece <unk>, of type 2
      18,
      2,
      24,
      2 // the trainer: pairs are merged
    };
    Path file = Files.write(folder.resolve("tokenizer.model"), pieces);
    CommandRun run = CommandRun.of("tokenize", file.toString(), "--text=a", "--bos=never");
    assertThat(run).isEqualTo(new CommandRun(0, "[0]\n", ""));
  }

  @Test
  void aFolderWithoutTokenizerIsNamed() {
    CommandRun run = CommandRun.of("tokenize", folder.toString(), "--text=a");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo(
            "inferno tokenize: %s: a folder without tokenizer; it must have tokenizer.json or tokenizer.model\n"
                .formatted(folder));
  }

  @Test
  void aFileIsReadAsUtf8ToTheLastByte() throws IOException {
    Path file = Files.writeString(folder.resolve("größe.txt"), "größe 火\n\n");
    CommandRun fromText = CommandRun.of("tokenize", LLAMA, "--text", "größe 火\n\n");
    assertThat(fromText.exitCode()).isZero();
    assertThat(CommandRun.of("tokenize", LLAMA, "--file", file.toString())).isEqualTo(fromText);
    assertThat(CommandRun.withInput("größe 火\n\n", "tokenize", LLAMA, "--file=-"))
        .isEqualTo(fromText);
  }

  @Test
  void eachLineOfJsonBecomesALineOfIds() {
    CommandRun run =
        CommandRun.withInput(
            "\"<|end|>\"\n\"\"\r\n  \"a\\nb\" \n\"\\u00e9\"", "tokenize", "--jsonl", "--bos=never");
    assertThat(run).isEqualTo(new CommandRun(0, "[2047]\n[]\n[64,198,65]\n[127,102]\n", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"b                | line 2: not valid JSON: ",
        "3                  | line 2: a JSON string was expected, but it is a NUMBER",
        "[\"b\"]            | line 2: a JSON string was expected, but it is a ARRAY",
        "''                 | line 2 is empty; each line must be a JSON string",
        "' 	'               | line 2 is empty; each line must be a JSON string",
        "NaN                | line 2: not valid JSON: Non-standard token 'NaN'",
        "[1                 | line 2: not valid JSON: Unexpected end-of-input: expected close marker for Array (start marker at line: 1, column: 1)",
        "\"b\" \"c\"        | line 2: not valid JSON: ",
      })
  void aMalformedLineIsNamed(String line, String message) {
    CommandRun run =
        CommandRun.withInput("\"a\"\n" + line + "\n\"c\"\n", "tokenize", "--jsonl", "--bos=never");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEqualTo("[64]\n");
    assertThat(run.err()).startsWith("inferno tokenize: " + message).hasLineCount(1);
  }

  @Test
  void aFileThatIsNoModelIsToldWhatElseWouldDo() throws IOException {
    Path words = Files.writeString(folder.resolve("words.txt"), "words");
    CommandRun run = CommandRun.of("tokenize", words.toString(), "--text", "a");
    assertThat(run.exitCode()).isPositive();
    assertThat(run.err())
        .isEqualTo(
            "inferno tokenize: "
                + words
                + ": no GGUF file; possible are also a tokenizer.json, or another file that ends"
                + " with .json, a SentencePiece .model, and a folder that has one\n");
  }

  @Test
  void aLineIsAnsweredBeforeTheNextIsWritten() {
    var seen = new java.io.ByteArrayOutputStream();
    var dialogue =
        new InputStream() {
          private final byte[] lines = "\"a\"\n\"b\"\n".getBytes(UTF_8);
          private int at;

          @Override
          public int read() {
            assertThat(seen.toString(UTF_8).lines().count()).isEqualTo(at / 4);
            return at < lines.length ? lines[at++] : -1;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            int next = read();
            if (next < 0) {
              return -1;
            }
            bytes[offset] = (byte) next;
            return 1;
          }
        };
    var buffered = new java.io.BufferedOutputStream(seen);
    var console =
        new Console(dialogue, new java.io.PrintStream(buffered, false, UTF_8), System.err);
    assertThat(Main.run(console, Main.commands(console), "tokenize", "--jsonl")).isZero();
  }

  @Test
  void asJsonThereArePiecesAndPlacesInBytes() {
    CommandRun run = CommandRun.of("tokenize", "--text=é<|end|>", "--json");
    assertThat(run.json())
        .hasToString(
            "{\"ids\":[2043,127,102,2047],\"pieces\":[\"<|endoftext|>\",\"Ã\",\"©\",\"<|end|>\"],"
                + "\"offsets\":[[0,0],[0,1],[1,2],[2,9]]}");
    assertThat(CommandRun.of("tokenize", "--jsonl", "--json").exitCode()).isEqualTo(2);
  }

  @Test
  void idsBecomeTheTextAgain() {
    String text = "größe ❤️ <|end|>\n";
    String ids = CommandRun.of("tokenize", "--bos=never", "--text", text).out().strip();
    assertThat(CommandRun.of("detokenize", "--ids", ids))
        .isEqualTo(new CommandRun(0, text + "\n", ""));
  }

  @Test
  void idsOutOfTheVocabularyAreAFailure() {
    CommandRun run = CommandRun.of("detokenize", LLAMA, "--ids=3,384");
    assertThat(run)
        .isEqualTo(
            new CommandRun(
                1, "", "inferno detokenize: token id must be from 0 to 383, but is 384\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "tokenize",
    "tokenize --text=a --file=b",
    "tokenize --text=a --bos=always",
    "tokenize --jsonl --text=a",
    "detokenize",
    "detokenize --ids=-3",
    "detokenize --ids=a"
  })
  void whatMakesNoSenseIsNotUnderstood(String command) {
    CommandRun run = CommandRun.of(command.split(" "));
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).hasLineCount(1);
  }
}

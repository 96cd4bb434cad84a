package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Encoding;
import dev.inferno.tokenizer.EncodingStep;
import dev.inferno.tokenizer.Tokenizer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Turns text into token ids. Needs nothing of the model but its vocabulary.
@Command(
    name = "tokenize",
    description = {
      "Prints the token ids of a text as an array in JSON.",
      "Needs only the vocabulary: a model file without tensors will do, and so will a tokenizer.json,"
          + " a SentencePiece .model, or a folder that has one."
    })
final class Tokenize implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ModelFile modelFile;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--no-special",
      description = "Take special tokens in the text, such as <|im_start|>, as plain text.")
  private boolean plain;

  @Option(
      names = "--bos",
      paramLabel = "WHEN",
      description =
          "${COMPLETION-CANDIDATES}. auto: special tokens are put at the ends of a text as the"
              + " model's metadata says; never: at neither end, be it BOS, EOS, CLS or SEP."
              + " Default: ${DEFAULT-VALUE}.")
  private AddedTokens added = AddedTokens.auto;

  @Option(
      names = "--json",
      description =
          "With --text or --file: print one object {\"ids\":[],\"pieces\":[],\"offsets\":[]}: the"
              + " tokens as the vocabulary has them, and where each begins and ends in the text, in"
              + " bytes of UTF-8.")
  private boolean json;

  @Option(
      names = "--steps",
      description =
          "Show the work, before the ids: how the text is normalized and cut, each merge with its"
              + " rank (of other kinds of tokenizers, what they weigh or match), and where each token"
              + " comes from. With --json as \"steps\"; with --jsonl each line is then an object of"
              + " \"ids\" and \"steps\".")
  private boolean steps;

  /// Where the text comes from.
  static final class Source {
    @Option(names = "--text", required = true, paramLabel = "TEXT", description = "The text.")
    private @Nullable String text;

    @Option(
        names = "--file",
        required = true,
        paramLabel = "FILE",
        description = "A file with the text, in UTF-8; - is the standard input.")
    private @Nullable String file;

    @Option(
        names = "--jsonl",
        required = true,
        description =
            "Many texts: read one JSON string a line from the standard input, print one array of"
                + " ids a line.")
    private boolean lines;
  }

  /// Whether special tokens are put at the ends; as the command line spells it.
  enum AddedTokens {
    auto,
    never
  }

  Tokenize(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (json && source.lines) {
      throw new ParameterException(
          spec.commandLine(), "--json does not go with --jsonl, whose lines are JSON already");
    }
    Tokenizer tokenizer = modelFile.tokenizer(console);
    var options =
        EncodeOptions.defaults()
            .withParsedSpecials(!plain)
            .withAddedSpecials(added == AddedTokens.auto);
    if (source.lines) {
      encodeLines(tokenizer, options);
    } else {
      String text =
          source.file == null
              ? Objects.requireNonNull(source.text)
              : TextFile.read(source.file, console);
      print(tokenizer, text, options);
    }
    return 0;
  }

  private Encoding encode(
      Tokenizer tokenizer,
      String text,
      EncodeOptions options,
      Consumer<? super EncodingStep> listener) {
    return steps ? tokenizer.encode(text, options, listener) : tokenizer.encode(text, options);
  }

  private void print(Tokenizer tokenizer, String text, EncodeOptions options) throws IOException {
    ArrayNode shown = Json.array(new int[0]);
    Encoding encoding =
        encode(
            tokenizer,
            text,
            options,
            json ? step -> shown.add(StepJson.of(step)) : new StepPrinter(console.out()));
    if (encoding.droppedBytes().length > 0) {
      console
          .err()
          .printf(
              "warning: the vocabulary has no token for %d bytes of the text%n",
              encoding.droppedBytes().length);
    }
    if (!json) {
      console.out().println(TokenIds.print(encoding.ids()));
      return;
    }
    var result = Json.object();
    result.set("ids", Json.array(encoding.ids()));
    ArrayNode pieces = result.putArray("pieces");
    ArrayNode offsets = result.putArray("offsets");
    for (int i = 0; i < encoding.size(); i++) {
      pieces.add(encoding.piece(i));
      offsets.addArray().add(encoding.byteStart(i)).add(encoding.byteEnd(i));
    }
    if (steps) {
      result.set("steps", shown);
    }
    Json.print(result, console);
  }

  private void encodeLines(Tokenizer tokenizer, EncodeOptions options) throws IOException {
    var in = new BufferedInputStream(console.in());
    var line = new ByteArrayOutputStream();
    for (int number = 1; nextLine(in, line); number++) {
      ArrayNode shown = Json.array(new int[0]);
      int[] ids =
          encode(
                  tokenizer,
                  text(line.toByteArray(), number),
                  options,
                  step -> shown.add(StepJson.of(step)))
              .ids();
      if (steps) {
        var result = Json.object();
        result.set("ids", Json.array(ids));
        result.set("steps", shown);
        Json.print(result, console);
      } else {
        console.out().println(TokenIds.print(ids));
      }
      console.out().flush(); // whoever writes a line may wait for its answer
    }
  }

  /// Reads up to the end of a line, which is dropped; false if there is no line.
  private static boolean nextLine(InputStream in, ByteArrayOutputStream line) throws IOException {
    line.reset();
    int next = in.read();
    if (next < 0) {
      return false;
    }
    for (; next >= 0 && next != '\n'; next = in.read()) {
      line.write(next);
    }
    return true;
  }

  private static String text(byte[] line, int number) throws IOException {
    if (new String(line, StandardCharsets.UTF_8).isBlank()) {
      throw new IOException("line %d is empty; each line must be a JSON string".formatted(number));
    }
    try {
      JsonNode value = Json.read(line);
      if (value.isTextual()) {
        return value.textValue();
      }
      throw new IOException("a JSON string was expected, but it is a " + value.getNodeType());
    } catch (IOException e) {
      throw new IOException("line %d: %s".formatted(number, e.getMessage()), e);
    }
  }
}

package dev.inferno.cli;

import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a command begins with: a text or token ids, exactly one of them. The fields are not
/// Optional: picocli would take a group of nothing else for given.
final class PromptSource {
  @Option(
      names = {"-p", "--prompt"},
      required = true,
      paramLabel = "TEXT",
      description =
          "The text to continue. Special tokens in it are understood, and what the model puts"
              + " before a text (BOS) is added as its metadata says.")
  private @Nullable String text;

  @Option(
      names = "--prompt-file",
      required = true,
      paramLabel = "FILE",
      description = "The same from a file in UTF-8; - is the standard input.")
  private @Nullable String file;

  @Option(
      names = "--ids",
      required = true,
      paramLabel = "IDS",
      converter = TokenIds.Converter.class,
      description =
          "Token ids instead of a text, such as 1,2,3, used as they are; all that a folder takes.")
  private @Nullable TokenIds ids;

  /// Whether it is a text, which needs a tokenizer.
  boolean isText() {
    return ids == null;
  }

  /// The ids, where it is none.
  int[] ids() {
    return Objects.requireNonNull(ids).ids();
  }

  /// The tokens of the text.
  ///
  /// @param plain whether special tokens in the text are taken as plain text
  int[] encode(Tokenizer tokenizer, boolean plain, Console console) throws IOException {
    return encode(tokenizer, EncodeOptions.prompt().withParsedSpecials(!plain), console);
  }

  /// The same of a text that goes on after another one: without what the model puts before a text.
  int[] following(Tokenizer tokenizer, boolean plain, Console console) throws IOException {
    return encode(tokenizer, new EncodeOptions(!plain, false, false), console);
  }

  private int[] encode(Tokenizer tokenizer, EncodeOptions options, Console console)
      throws IOException {
    String prompt = file == null ? Objects.requireNonNull(text) : TextFile.read(file, console);
    return tokenizer.encode(prompt, options).ids();
  }
}

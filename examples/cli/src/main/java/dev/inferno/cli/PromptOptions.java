package dev.inferno.cli;

import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// What a command begins with: a text or token ids, exactly one of them.
final class PromptOptions {
  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--no-special",
      description = "Take special tokens in the text, such as <|im_start|>, as plain text.")
  private boolean plain;

  /// Where the prompt comes from.
  static final class Source {
    @Option(
        names = "--prompt",
        required = true,
        paramLabel = "TEXT",
        description =
            "The text to continue. Special tokens in it are understood, and what the model puts"
                + " before a text (BOS) is added as its metadata says.")
    private Optional<String> text = Optional.empty();

    @Option(
        names = "--prompt-file",
        required = true,
        paramLabel = "FILE",
        description = "The same from a file in UTF-8; - is the standard input.")
    private Optional<String> file = Optional.empty();

    @Option(
        names = "--ids",
        required = true,
        paramLabel = "IDS",
        converter = TokenIds.Converter.class,
        description = "Token ids instead of a text, such as 1,2,3, used as they are.")
    private Optional<TokenIds> ids = Optional.empty();
  }

  /// The tokens of the prompt.
  int[] encode(Tokenizer tokenizer, Console console) throws IOException {
    if (source.ids.isPresent()) {
      return source.ids.get().ids();
    }
    String text =
        source.file.isPresent()
            ? TextFile.read(source.file.get(), console)
            : source.text.orElseThrow();
    return tokenizer.encode(text, EncodeOptions.defaults().withParsedSpecials(!plain)).ids();
  }
}

package dev.inferno.cli;

import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Turns token ids into text.
@Command(
    name = "detokenize",
    description = {
      "Prints the text of token ids, special tokens included, and a line break.",
      "Bytes that are no UTF-8 become U+FFFD. Needs only the vocabulary: of a GGUF file, a"
          + " tokenizer.json, a SentencePiece .model, or a folder that has one."
    })
final class Detokenize implements Callable<Integer> {
  private final Console console;

  @Mixin private ModelFile modelFile;

  @Option(
      names = "--ids",
      required = true,
      paramLabel = "IDS",
      converter = TokenIds.Converter.class,
      description = "The token ids, such as 1,2,3.")
  private TokenIds ids = TokenIds.NONE;

  Detokenize(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Tokenizer tokenizer = modelFile.tokenizer(console);
    console.out().println(tokenizer.decode(ids.ids()));
    return 0;
  }
}

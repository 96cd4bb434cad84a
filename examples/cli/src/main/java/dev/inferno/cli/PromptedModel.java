package dev.inferno.cli;

import dev.inferno.Model;
import dev.inferno.tokenizer.EncodeOptions;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The model and the prompt of a command that begins with both. A folder may have no tokenizer:
/// what goes in and comes out are then token ids.
final class PromptedModel {
  @Mixin private ModelFile modelFile;
  @Mixin private LoadingOptions loading;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private PromptSource prompt = new PromptSource();

  @Option(
      names = "--no-special",
      description = "Take special tokens in the text, such as <|im_start|>, as plain text.")
  private boolean plain;

  /// The model.
  ///
  /// @throws IllegalArgumentException if the prompt is a text, and the model has no tokenizer
  Model load(Console console) throws IOException {
    if (prompt.isText()) {
      modelFile.requireText("the prompt");
    }
    return modelFile.load(console, loading.options());
  }

  /// The tokens of the prompt.
  int[] ids(Model model, Console console) throws IOException {
    return prompt.isText() ? prompt.encode(model.tokenizer(), plain, console) : prompt.ids();
  }

  /// The tokens of a prompt that goes on after others: without what the model puts before a text.
  int[] continuing(Model model, Console console) throws IOException {
    return prompt.isText() ? prompt.following(model.tokenizer(), plain, console) : prompt.ids();
  }

  /// The tokens of a text that goes on after the prompt; none of an empty one.
  ///
  /// @throws IllegalArgumentException if the model has no tokenizer, and the text is not empty
  int[] following(String option, String text, Model model) {
    if (text.isEmpty()) {
      return new int[0];
    }
    modelFile.requireText(option);
    return model.tokenizer().encode(text, new EncodeOptions(!plain, false, false)).ids();
  }

  /// The token that an option names: its id, or a text that is one token.
  ///
  /// @throws IllegalArgumentException if it is none
  int token(String option, String value, Model model) {
    int vocabulary = model.info().vocabulary();
    if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      if (value.length() < 10 && Integer.parseInt(value) < vocabulary) {
        return Integer.parseInt(value);
      }
      throw new IllegalArgumentException(
          "%s: token id %s is not in the vocabulary, which has the ids 0 to %d"
              .formatted(option, value, vocabulary - 1));
    }
    modelFile.requireText(option);
    return text(model).id(option, value);
  }

  /// The text of the model's tokens.
  TokenText text(Model model) {
    return new TokenText(model.hasTokenizer() ? Optional.of(model.tokenizer()) : Optional.empty());
  }
}

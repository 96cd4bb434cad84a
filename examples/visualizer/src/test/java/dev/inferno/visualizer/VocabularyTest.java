package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.Model;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VocabularyTest {
  @Test
  void aTokenIsShownWithItsPieceItsTextAndItsBytes() throws IOException {
    try (Model model = TinyModel.load()) {
      Vocabulary vocabulary = Vocabulary.of(model.tokenizer());
      int upon = model.tokenizer().encode(" upon").id(1);
      assertThat(vocabulary.token(upon))
          .isEqualTo(new Wire.Token(upon, "Ġupon", " upon", "2075706f6e", false));
      int half = model.tokenizer().encode("é").id(1);
      assertThat(vocabulary.token(half).bytes()).startsWith("c3");
    }
  }

  @Test
  void logitsBeyondTheVocabularyAreNamedByTheirNumber() throws IOException {
    var padding = new Wire.Token(5000, "[5000]", "", "", true);
    try (Model model = TinyModel.load()) {
      assertThat(Vocabulary.of(model.tokenizer()).token(5000)).isEqualTo(padding);
    }
    assertThat(Vocabulary.of(List.of()).token(5000)).isEqualTo(padding);
  }
}

package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordPieceTest {

  private static final List<String> PIECES =
      List.of("[UNK]", "un", "##aff", "##able", "##a", "unaff", "é", "##é", "aff");

  private static List<String> encode(WordPiece wordPiece, String word) {
    byte[] utf8 = Utf8.encode("#" + word + "#"); // what is around it must not matter
    TokenSink sink = new TokenSink(8);
    wordPiece.encode(utf8, 1, utf8.length - 1, sink);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < sink.ids().length; i++) {
      tokens.add(sink.ids()[i] + " " + (sink.starts()[i] - 1) + "-" + (sink.ends()[i] - 1));
    }
    return tokens;
  }

  @Test
  void theLongestPieceIsTakenFromLeftToRight() {
    WordPiece wordPiece = new WordPiece(Utf8List.of(PIECES), "##", 0, 100);
    assertThat(encode(wordPiece, "unaffable")).containsExactly("5 0-5", "3 5-9");
    assertThat(encode(wordPiece, "unaff")).containsExactly("5 0-5");
    assertThat(encode(wordPiece, "éaé")).containsExactly("6 0-2", "4 2-3", "7 3-5");
  }

  @Test
  void aWordThatCannotBeCutToItsEndIsUnknown() {
    WordPiece wordPiece = new WordPiece(Utf8List.of(PIECES), "##", 0, 100);
    assertThat(encode(wordPiece, "unaffx")).containsExactly("0 0-6");
    assertThat(encode(wordPiece, "able")).containsExactly("0 0-4");
  }

  @Test
  void aWordOfTooManyCharactersIsUnknown() {
    WordPiece wordPiece = new WordPiece(Utf8List.of(PIECES), "##", 0, 4);
    assertThat(encode(wordPiece, "éééé")).hasSize(4);
    assertThat(encode(wordPiece, "ééééé")).containsExactly("0 0-10");
  }

  @Test
  void withoutAnUnknownTokenAWordIsLeftOut() {
    WordPiece wordPiece = new WordPiece(Utf8List.of(PIECES), "##", -1, 100);
    TokenSink sink = new TokenSink(8);
    wordPiece.encode(Utf8.encode("xy"), 0, 2, sink);
    assertThat(sink.ids()).isEmpty();
    assertThat(sink.dropped()).containsExactly(0, 1);
  }
}

package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BertWordPieceTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  private static Map<String, Object> metadata() {
    return Metadatas.wordPiece(
        List.of("▁cafe", "s", "▁,", "▁Cafe", "▁é", "▁漢", "▁e", "▁a", "▁b", "▁café"));
  }

  @Test
  void textIsCleanedAndCutIntoWordsAndMarks() {
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata());
    Encoding encoding = tokenizer.encode("\u0007CAFE\u0301s,\u00A0漢É");
    assertThat(encoding.pieces()).containsExactly("[CLS]", "▁cafe", "s", "▁,", "▁漢", "▁e", "[SEP]");
    assertThat(encoding.textOf(1)).isEqualTo("CAFE\u0301");
    assertThat(encoding.textOf(2)).isEqualTo("s");
    assertThat(encoding.textOf(4)).isEqualTo("漢");
    assertThat(encoding.textOf(5)).isEqualTo("É");
  }

  @Test
  void theFileMayKeepCapitalsAndAccents() {
    Map<String, Object> metadata = metadata();
    metadata.put("tokenizer.ggml.normalizer.lowercase", false);
    assertThat(Tokenizer.fromGguf(metadata).encode("Cafe é", PLAIN).pieces())
        .containsExactly("▁Cafe", "▁é");
    metadata.put("tokenizer.ggml.normalizer.lowercase", true);
    metadata.put("tokenizer.ggml.normalizer.strip_accents", false);
    assertThat(Tokenizer.fromGguf(metadata).encode("CAFÉ İ", PLAIN).pieces())
        .containsExactly("▁café", "[UNK]");
  }

  @Test
  void wordsAreJoinedByBlanksButMarksAreNot() {
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata());
    assertThat(tokenizer.decode(tokenizer.encode("cafes, a", PLAIN).ids())).isEqualTo("cafes, a");
    assertThat(tokenizer.decode(4, 10)).isEqualTo("##s a");
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    assertThat(decoder.append(0)).isEmpty();
    assertThat(decoder.append(10)).isEqualTo("a");
    assertThat(decoder.append(4)).isEqualTo("s");
    assertThat(decoder.append(11)).isEqualTo(" b");
  }
}

package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SentencePieceBpeTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  @Test
  void charactersWithoutTokenOrBytesBecomeOneUnknownToken() {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.sentencePiece(List.of("<unk>", "<s>", "</s>", "▁", "a"), 2, 3, 3, 1, 1));
    Encoding encoding = tokenizer.encode("xyaz y", PLAIN);
    assertThat(encoding.ids()).containsExactly(3, 0, 4, 0, 3, 0);
    assertThat(encoding.textOf(1)).isEqualTo("xy");
  }

  @Test
  void aTokenIsReachedThroughPartsThatAreNone() {
    // No token for x or y alone, yet both are merged.
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.sentencePiece(List.of("<unk>", "<s>", "</s>", "xy", "▁"), 2, 3, 3, 1, 1));
    assertThat(tokenizer.encode("xyx", PLAIN).ids()).containsExactly(4, 3, 0);
  }

  @Test
  void mergesCrossABlankWhereATokenDoes() {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.sentencePiece(
                List.of("<unk>", "<s>", "</s>", "a▁b", "a▁", "▁", "a", "b"),
                2,
                3,
                3,
                1,
                1,
                1,
                1,
                1));
    assertThat(tokenizer.encode("a b", PLAIN).ids()).containsExactly(5, 3);
  }

  @Test
  void controlTokensAreNeverMadeOfPlainText() {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.sentencePiece(
                List.of("<unk>", "<s>", "</s>", "▁", "<", "s", ">", "s>"), 2, 3, 3, 1, 1, 1, 1, 1));
    assertThat(tokenizer.encode("<s>", PLAIN.withParsedSpecials(false)).ids())
        .containsExactly(3, 4, 7);
  }

  @Test
  void theFileMaySwitchTheBlankBeforeATextOff() {
    Map<String, Object> metadata =
        Metadatas.sentencePiece(List.of("<unk>", "<s>", "</s>", "▁", "a"), 2, 3, 3, 1, 1);
    assertThat(Tokenizer.fromGguf(metadata).encode("a").ids()).containsExactly(1, 3, 4);
    assertThat(Tokenizer.fromGguf(metadata).decode(3, 4)).isEqualTo("a");
    metadata.put("tokenizer.ggml.add_space_prefix", false);
    metadata.put("tokenizer.ggml.add_bos_token", false);
    assertThat(Tokenizer.fromGguf(metadata).encode("a").ids()).containsExactly(4);
    assertThat(Tokenizer.fromGguf(metadata).decode(3, 4)).isEqualTo(" a");
  }

  @Test
  void textIsCutIntoWordsWithoutChangingTheResult() {
    // A token with a blank inside, which no text reaches, switches cutting off.
    Map<String, Object> cutting = GgufMetadata.resource("mistral_v1.vocab.gguf.gz");
    Map<String, Object> whole = GgufMetadata.resource("mistral_v1.vocab.gguf.gz");
    List<String> tokens = new ArrayList<>((Utf8List) cutting.get("tokenizer.ggml.tokens"));
    tokens.set(31999, "\uE000▁\uE000");
    whole.put("tokenizer.ggml.tokens", Utf8List.of(tokens));
    Tokenizer a = Tokenizer.fromGguf(cutting);
    Tokenizer b = Tokenizer.fromGguf(whole);
    for (String text :
        List.of(
            "The quick brown fox  jumps over   the lazy dog.",
            "    indented = {  'a' : 1 }\n\n\treturn  x ;  ",
            "漢字 かな 한글  ру сский")) {
      assertThat(b.encode(text).ids()).as(text).isEqualTo(a.encode(text).ids());
    }
  }
}

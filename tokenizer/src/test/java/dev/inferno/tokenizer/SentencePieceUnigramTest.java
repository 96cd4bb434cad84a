package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SentencePieceUnigramTest {

  private static final List<String> TOKENS =
      List.of("<unk>", "▁", "a", "b", "▁a", "<x>", "▁▁", "c");

  private static Map<String, Object> metadata() {
    return Metadatas.unigram(TOKENS, 2, 1, 1, 1, 1, 4, 1, 5);
  }

  @Test
  void extraBlanksAreRemovedAndOneIsPutBefore() {
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata());
    Encoding encoding = tokenizer.encode("  a   b ");
    assertThat(encoding.pieces()).containsExactly("▁a", "▁", "b");
    assertThat(encoding.textOf(0)).isEqualTo("  a");
    assertThat(encoding.textOf(1)).isEqualTo(" ");
    assertThat(encoding.textOf(2)).isEqualTo("b");
    assertThat(tokenizer.encode("   ").ids()).isEmpty();
  }

  @Test
  void theFileMayKeepBlanks() {
    Map<String, Object> metadata = metadata();
    metadata.put("tokenizer.ggml.remove_extra_whitespaces", false);
    assertThat(Tokenizer.fromGguf(metadata).encode(" a  ").pieces())
        .containsExactly("▁", "▁a", "▁▁");
    metadata.put("tokenizer.ggml.add_space_prefix", false);
    assertThat(Tokenizer.fromGguf(metadata).encode("a b").pieces()).containsExactly("a", "▁", "b");
  }

  @Test
  void aTextBeginsAnewAfterATokenThatIsOneAnywhere() {
    assertThat(Tokenizer.fromGguf(metadata()).encode("a<x>a").pieces())
        .containsExactly("▁a", "<x>", "▁a");
  }

  @Test
  void unusedTokensAndControlTokensAreNeverMadeOfText() {
    assertThat(Tokenizer.fromGguf(metadata()).encode("ac").ids()).containsExactly(4, 0);
  }

  @Test
  void textsEndWithTheEndTokenUnlessTheFileSaysOtherwise() {
    Map<String, Object> metadata = metadata();
    metadata.remove("tokenizer.ggml.add_eos_token");
    metadata.put("tokenizer.ggml.eos_token_id", 3L);
    assertThat(Tokenizer.fromGguf(metadata).encode("a").ids()).containsExactly(4, 3);
  }

  @Test
  void blanksOfTheFirstTokenAreNotDecoded() {
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata());
    assertThat(tokenizer.decode(4, 4)).isEqualTo("a a");
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    StreamDecoder copy = decoder.copy();
    assertThat(decoder.append(4)).isEqualTo("a");
    assertThat(decoder.copy().append(4)).isEqualTo(" a");
    assertThat(copy.append(4)).isEqualTo("a");
  }
}

package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StreamDecoderTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  @Test
  void halfACharacterWaits() {
    Tokenizer tokenizer = ExpectedIds.resource("gpt2").tokenizer();
    int[] ids = tokenizer.encode("😀", PLAIN).ids();
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    assertThat(ids).hasSize(2);
    assertThat(decoder.append(ids[0])).isEmpty();
    assertThat(decoder.append(ids[1])).isEqualTo("😀");
    assertThat(decoder.flush()).isEmpty();
  }

  @Test
  void whatNeverBecomesACharacterIsFlushedAsReplacement() {
    Tokenizer tokenizer = ExpectedIds.resource("gpt2").tokenizer();
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    decoder.append(tokenizer.encode("😀", PLAIN).id(0));
    assertThat(decoder.flush()).isEqualTo("\uFFFD");
  }

  @Test
  void aCopyGoesItsOwnWay() {
    Tokenizer tokenizer = ExpectedIds.resource("mistral_v1").tokenizer();
    int[] ids = {
      tokenizer.idOf("<0xF0>").orElseThrow(),
      tokenizer.idOf("<0x9F>").orElseThrow(),
      tokenizer.idOf("<0xA6>").orElseThrow(),
      tokenizer.idOf("<0x84>").orElseThrow()
    };
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    decoder.append(ids[0]);
    decoder.append(ids[1]);
    StreamDecoder copy = decoder.copy();
    assertThat(copy.append(tokenizer.idOf("a").orElseThrow())).isEqualTo("\uFFFD\uFFFDa");
    assertThat(decoder.append(ids[2])).isEmpty();
    assertThat(decoder.append(ids[3])).isEqualTo("🦄");
  }

  @Test
  void specialTokensAreLeftOutUnlessAskedFor() {
    Tokenizer tokenizer = ExpectedIds.resource("smollm2").tokenizer();
    int end = tokenizer.idOf("<|im_end|>").orElseThrow();
    assertThat(tokenizer.newStreamDecoder().append(end)).isEmpty();
    assertThat(tokenizer.newStreamDecoder(SpecialText.SHOWN).append(end)).isEqualTo("<|im_end|>");
  }

  @Test
  void onlyTheFirstBlankOfATextIsTakenAway() {
    Tokenizer tokenizer = ExpectedIds.resource("mistral_v1").tokenizer();
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    int hello = tokenizer.idOf("▁Hello").orElseThrow();
    assertThat(decoder.append(hello)).isEqualTo("Hello");
    assertThat(decoder.append(hello)).isEqualTo(" Hello");
  }
}

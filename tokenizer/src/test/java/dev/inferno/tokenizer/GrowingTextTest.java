package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small file cannot fill the memory by steps that each make more of their text.
class GrowingTextTest {

  private static final String REPLACE =
      step("{'type':'Replace','pattern':{'String':'a'},'content':'%s'}");

  @TempDir private Path folder;

  private static String step(String json) {
    return json.replace('\'', '"');
  }

  private Tokenizer with(String key, String list, List<String> steps) {
    String json =
        step("{'model':{'type':'BPE','vocab':{'a':0,'b':1},'merges':[]},'%s':{'type':'Sequence','%s':[")
                .formatted(key, list)
            + String.join(",", steps)
            + "]}}";
    return new TokenizerFolder(folder).read("growing.json", json);
  }

  private static List<String> times(int count, String step) {
    return Collections.nCopies(count, step);
  }

  @Test
  void aNormalizerThatMakesFarMoreOfATextIsRefused() {
    Tokenizer tokenizer =
        with("normalizer", "normalizers", times(5, REPLACE.formatted("a".repeat(1000))));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> tokenizer.encode("aaa"))
        .withMessage(
            folder.resolve("growing.json")
                + ": malformed: normalizer.normalizers[1], a Replace, makes more than 1048672 chars"
                + " of 3 bytes of text; possible are 32 for each byte and 1048576 more");
  }

  @Test
  void soIsWhatGrowsByAndBy() {
    Tokenizer bytes = with("normalizer", "normalizers", times(40, step("{'type':'ByteLevel'}")));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> bytes.encode("\u00e9"))
        .withMessageContaining(", a ByteLevel, makes more than 1048640 chars of 2 bytes");
    Tokenizer prefix =
        with(
            "normalizer",
            "normalizers",
            times(20, step("{'type':'Prepend','prepend':'%s'}").formatted("b".repeat(100_000))));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> prefix.encode("b"))
        .withMessageContaining(
            "normalizers[10], a Prepend, makes more than 1048608 chars of 1 bytes");
  }

  @Test
  void soIsAPreTokenizer() {
    String step = step("{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}");
    Tokenizer tokenizer = with("pre_tokenizer", "pretokenizers", times(40, step));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> tokenizer.encode("\u00e9"))
        .withMessageStartingWith(
            "malformed: pre_tokenizer makes more than 1048640 chars of 2 bytes of text");
  }

  @Test
  void aDecoderThatMakesFarMoreOfATokenIsRefused() {
    Tokenizer tokenizer =
        with("decoder", "decoders", times(5, REPLACE.formatted("a".repeat(1000))));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> tokenizer.decode(new int[] {0}))
        .withMessageContaining("makes more than 36096 chars of a token of 1000");
    Tokenizer slow = with("decoder", "decoders", times(40, REPLACE.formatted("aa")));
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> slow.decode(new int[] {0}))
        .withMessageContaining(
            "growing.json: malformed: decoder makes more than 1048608 chars of 1;");
  }

  @Test
  void whatGrowsLittleIsAllowed() {
    Tokenizer tokenizer = with("normalizer", "normalizers", times(10, REPLACE.formatted("aa")));
    assertThat(tokenizer.encode("a").size()).isEqualTo(1024);
  }
}

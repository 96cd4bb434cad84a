package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every name of a pre-tokenizer against the cuts of another implementation, and against texts that
/// a regular expression would need long for.
class SplitterTest {

  /// See `splits.py` beside it.
  private static final JsonNode REFERENCE =
      ExpectedIds.json(GgufMetadata.resourceBytes("splits.json.gz"));

  static List<String> names() {
    List<String> names = new ArrayList<>();
    REFERENCE.get("names").fieldNames().forEachRemaining(names::add);
    assertThat(names).hasSizeGreaterThan(80);
    return names;
  }

  @ParameterizedTest
  @MethodSource("names")
  void cutsAsTheReference(String name) {
    Splitter splitter = PreTokenizerFamily.named(name).splitter();
    JsonNode splits = REFERENCE.get("splits").get(REFERENCE.get("names").get(name).asText());
    for (int i = 0; i < splits.size(); i++) {
      byte[] utf8 = REFERENCE.get("texts").get(i).asText().getBytes(StandardCharsets.UTF_8);
      List<String> expected = new ArrayList<>();
      int at = 0;
      for (JsonNode length : splits.get(i)) {
        expected.add(new String(utf8, at, length.asInt(), StandardCharsets.UTF_8));
        at += length.asInt();
      }
      assertThat(pieces(splitter, utf8)).isEqualTo(expected);
    }
  }

  private static List<String> pieces(Splitter splitter, byte[] utf8) {
    PieceEnds ends = new PieceEnds(0);
    splitter.split(utf8, 0, utf8.length, ends);
    List<String> pieces = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < ends.size(); i++) {
      pieces.add(new String(utf8, start, ends.get(i) - start, StandardCharsets.UTF_8));
      start = ends.get(i);
    }
    return pieces;
  }

  @ParameterizedTest
  @MethodSource("names")
  @Timeout(60) // quadratic time would be many minutes; all of it takes about a second
  void noTextTakesQuadraticTime(String name) {
    Splitter splitter = PreTokenizerFamily.named(name).splitter();
    for (String unit :
        List.of(
            "a", "A", "aA", " ", "\n", " \n", "\r\n ", "1", "1a", "漢", "\u0301", "!", "'", "/")) {
      String run = unit.repeat(100_000 / unit.length());
      for (String text : List.of(run, run + "x", run + " ", run + "7")) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        PieceEnds ends = new PieceEnds(0);
        splitter.split(utf8, 0, utf8.length, ends);
        assertThat(ends.get(ends.size() - 1)).isEqualTo(utf8.length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemma4", "granite-embed-multi-311m", "sarvam-moe", "whitespace"})
  void namesOfOtherVocabulariesAreRefused(String name) {
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a"), List.of());
    metadata.put("tokenizer.ggml.pre", name);
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(UnsupportedTokenizerException.class)
        .hasMessageStartingWith(
            "tokenizer.ggml.pre is '%s', which goes with a vocabulary of characters instead of"
                + " bytes; supported are a.x-4.0, ",
            name);
  }
}

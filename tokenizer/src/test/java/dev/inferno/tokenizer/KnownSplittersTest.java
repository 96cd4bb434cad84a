package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.tokenizer.huggingface.AlignedText;
import dev.inferno.tokenizer.huggingface.JsonFile;
import dev.inferno.tokenizer.huggingface.Node;
import dev.inferno.tokenizer.huggingface.Pieces;
import dev.inferno.tokenizer.huggingface.TextSplitter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pre-tokenizers of a `tokenizer.json` that have a scanner, against the general way, which takes
/// the expressions as they are.
class KnownSplittersTest {

  private static final String WORDS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  enum Published {
    LLAMA3(Splitters.LLAMA3, split(WORDS)),
    QWEN2(Splitters.QWEN2, split(WORDS.replace("{1,3}", ""))),
    QWEN35(
        Splitters.QWEN35,
        split(
            WORDS
                .replace("{1,3}", "")
                .replace("?\\p{L}+", "?[\\p{L}\\p{M}]+")
                .replace("\\s\\p{L}", "\\s\\p{L}\\p{M}"))),
    DEEPSEEK3(
        Splitters.DEEPSEEK3,
        split("\\p{N}{1,3}"),
        split("[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+"),
        split(
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
                + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")),
    NUMBERS(Splitters.NUMBERS, "{\"type\":\"Digits\"}"),
    ONE_NUMBER(Splitters.ONE_NUMBER, "{\"type\":\"Digits\",\"individual_digits\":true}");

    @SuppressWarnings("ImmutableEnumChecker") // without state that changes
    private final Splitter splitter;

    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> steps;

    Published(Splitter splitter, String... steps) {
      this.splitter = splitter;
      this.steps = List.of(steps);
    }
  }

  private static String split(String expression) {
    String quoted = expression.replace("\\", "\\\\").replace("\"", "\\\"");
    return "{'type':'Split','pattern':{'Regex':EXPRESSION},'behavior':'Isolated'}"
        .replace('\'', '"')
        .replace("EXPRESSION", '"' + quoted + '"');
  }

  private static Node file(List<String> steps, boolean cutsWords) {
    String json =
        "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":["
            + String.join(",", steps)
            + (steps.isEmpty() ? "" : ",")
            + "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":%s}]}}"
                .formatted(cutsWords);
    try {
      return JsonFile.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), "test");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKnownSequenceIsCutByItsScanner(Published published) {
    assertThat(KnownSplitters.of(file(published.steps, false))).contains(published.splitter);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsKnownIsCutAsTheGeneralWay(Published published) {
    for (boolean cutsWords : new boolean[] {false, true}) {
      Node file = file(published.steps, cutsWords);
      Splitter splitter = KnownSplitters.of(file).orElseThrow();
      List<TextSplitter> all = JsonModels.splitters(file);
      List<TextSplitter> cuts = all.subList(0, all.size() - 1); // without the spelling in bytes
      JsonNode texts =
          ExpectedIds.json(GgufMetadata.resourceBytes("corpus_a.json.gz")).get("cases");
      for (JsonNode line : texts) {
        String text = line.get("text").asText();
        if (text.length() < 500) {
          assertThat(pieces(splitter, text)).as(text).isEqualTo(pieces(cuts, text));
        }
      }
    }
  }

  private static List<String> pieces(Splitter splitter, String text) {
    byte[] utf8 = Utf8.encode(text);
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

  private static List<String> pieces(List<TextSplitter> splitters, String text) {
    String wellFormed = Utf8.decode(Utf8.encode(text), 0, Utf8.encode(text).length);
    int[] places = new int[wellFormed.length()];
    Pieces pieces = Pieces.of(AlignedText.of(wellFormed, places, places), 0, wellFormed.length());
    for (TextSplitter splitter : splitters) {
      pieces = splitter.split(pieces);
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      texts.add(wellFormed.substring(pieces.start(i), pieces.end(i)));
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'Whitespace'}",
        "{'type':'Split','pattern':{'Regex':'x+'},'behavior':'Isolated'}",
        "{'type':'Split','pattern':{'String':'x'},'behavior':'Isolated'}",
        "{'type':'Split','pattern':{'Regex':'NUMBERS'},'behavior':'Removed','invert':true}",
        "{'type':'Split','pattern':{'Regex':'NUMBERS'},'behavior':'Isolated','invert':true}",
        "{'type':'Split','pattern':{'Regex':'NUMBERS'},'behavior':'Contiguous'}"
      })
  void otherStepsAreLeftToTheGeneralWay(String step) {
    String json = step.replace('\'', '"').replace("NUMBERS", "\\\\p{N}{1,3}");
    assertThat(KnownSplitters.of(file(List.of(json), false))).isEmpty();
  }
}

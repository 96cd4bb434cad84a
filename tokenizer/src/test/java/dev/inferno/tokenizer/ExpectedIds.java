package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.SoftAssertions;

/// What another implementation gave for the same vocabulary: ids of texts, texts of ids, and pieces
/// of a stream.
///
/// @param tokenizer ours
/// @param expected what the other gave
record ExpectedIds(Tokenizer tokenizer, JsonNode expected) {

  private static final Map<String, String> CORPUS = corpus();

  private static final Map<String, ExpectedIds> LOADED = new ConcurrentHashMap<>();

  static ExpectedIds resource(String name) {
    return LOADED.computeIfAbsent(
        name,
        key ->
            new ExpectedIds(
                Tokenizer.fromGguf(GgufMetadata.resource(key + ".vocab.gguf.gz")),
                json(GgufMetadata.resourceBytes(key + ".expected.json.gz"))));
  }

  static ExpectedIds shared(String gguf, String expected) {
    return new ExpectedIds(SharedModels.tokenizer(gguf), json(SharedModels.read(expected)));
  }

  static JsonNode json(byte[] bytes) {
    try {
      return new ObjectMapper().readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> corpus() {
    Map<String, String> texts = new HashMap<>();
    for (JsonNode text : json(GgufMetadata.resourceBytes("corpus_a.json.gz")).get("cases")) {
      texts.put("A:" + text.get("name").asText(), text.get("text").asText());
    }
    return texts;
  }

  static int[] ids(JsonNode array) {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }

  private static String text(JsonNode line) {
    return line.has("text")
        ? line.get("text").asText()
        : CORPUS.getOrDefault(line.get("name").asText(), "");
  }

  void assertTextsGiveIds() {
    EncodeOptions plain = EncodeOptions.defaults().withAddedSpecials(false);
    SoftAssertions softly = new SoftAssertions();
    int checked = 0;
    for (JsonNode line : expected.get("cases")) {
      String text = text(line);
      String name = line.get("name").asText();
      int[] ids = ids(line.get("ids"));
      int[] withSpecials = line.has("ids_add_special") ? ids(line.get("ids_add_special")) : ids;
      int[] unparsed = line.has("ids_no_parse") ? ids(line.get("ids_no_parse")) : ids;
      softly.assertThat(tokenizer.encode(text, plain).ids()).as("%s", name).isEqualTo(ids);
      softly
          .assertThat(tokenizer.encode(text).ids())
          .as("%s with special tokens added", name)
          .isEqualTo(withSpecials);
      softly
          .assertThat(tokenizer.encode(text, plain.withParsedSpecials(false)).ids())
          .as("%s with special tokens as text", name)
          .isEqualTo(unparsed);
      checked++;
    }
    softly.assertAll();
    assertThat(checked).isGreaterThan(300);
  }

  void assertPlacesCoverTexts() {
    EncodeOptions plain = EncodeOptions.defaults().withAddedSpecials(false);
    for (JsonNode line : expected.get("cases")) {
      String text = text(line);
      Encoding encoding = tokenizer.encode(text, plain);
      int at = 0;
      for (int i = 0; i < encoding.size(); i++) {
        if (encoding.droppedBytes().length == 0) {
          assertThat(encoding.byteStart(i)).as("%s, token %d", text, i).isLessThanOrEqualTo(at);
        }
        assertThat(encoding.byteEnd(i)).as("%s, token %d", text, i).isGreaterThanOrEqualTo(at);
        at = encoding.byteEnd(i);
      }
      int length = Utf8.encode(text).length;
      if (encoding.droppedBytes().length == 0) {
        assertThat(at).as(text).isEqualTo(length);
      }
    }
  }

  void assertIdsGiveTexts() {
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode line : expected.get("decode")) {
      assertDecoded(line, line.get("decoded").asText(), softly);
    }
    for (JsonNode line : expected.get("cases")) {
      String decoded = line.has("decoded") ? line.get("decoded").asText() : text(line);
      assertDecoded(line, decoded, softly);
    }
    softly.assertAll();
  }

  private void assertDecoded(JsonNode line, String decoded, SoftAssertions softly) {
    int[] ids = ids(line.get("ids"));
    String name = line.get("name").asText();
    String hidden =
        line.has("decoded_skip_special") ? line.get("decoded_skip_special").asText() : decoded;
    softly.assertThat(tokenizer.decode(ids)).as(name).isEqualTo(decoded);
    softly
        .assertThat(tokenizer.decode(ids, SpecialText.HIDDEN))
        .as("%s without special tokens", name)
        .isEqualTo(hidden);
  }

  void assertStreamsGiveChunks() {
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode line : expected.get("stream")) {
      StreamDecoder decoder =
          tokenizer.newStreamDecoder(
              line.get("skip_special").asBoolean() ? SpecialText.HIDDEN : SpecialText.SHOWN);
      StringBuilder all = new StringBuilder();
      int[] ids = ids(line.get("ids"));
      for (int i = 0; i < ids.length; i++) {
        JsonNode chunk = line.get("chunks").get(i);
        String ours = decoder.append(ids[i]);
        all.append(ours);
        softly
            .assertThat(ours)
            .as("%s, token %d", line.get("name").asText(), i)
            .isEqualTo(chunk.isNull() ? "" : chunk.asText());
      }
      softly
          .assertThat(all + decoder.flush())
          .as("%s", line.get("name").asText())
          .isEqualTo(line.get("full").asText());
    }
    softly.assertAll();
  }
}

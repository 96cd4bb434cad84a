package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;

/// What another implementation gave for the same vocabulary: ids of texts, texts of ids, and pieces
/// of a stream.
///
/// @param tokenizer ours
/// @param expected what the other gave
record ExpectedIds(Tokenizer tokenizer, JsonNode expected) {

  private static final Map<String, String> CORPUS = corpus();

  /// Where the texts have special tokens in them that are not parsed; see the README beside it.
  private static final JsonNode SENTENCEPIECE_UNPARSED =
      json(GgufMetadata.resourceBytes("ugm_small.unparsed.json"));

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

  /// What Hugging Face gave, without what SentencePiece gave where the two part.
  static JsonNode ofHuggingFace(JsonNode expected) {
    for (JsonNode line : expected.get("cases")) {
      ((ObjectNode) line).remove("ids_sentencepiece");
    }
    ((ObjectNode) expected.get("meta")).put("tokenizer", "of Hugging Face");
    return expected;
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
      int[] ids = idsOf(line);
      int[] withSpecials = withSpecials(line, ids);
      int[] unparsed = unparsed(line);
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

  List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (JsonNode line : expected.get("cases")) {
      texts.add(text(line));
    }
    return texts;
  }

  void assertShownWorkGivesTheSame() {
    assertShownWorkGivesTheSame(tokenizer, texts());
  }

  /// Tokens are the same when their work is shown, and all of them are among the steps.
  static void assertShownWorkGivesTheSame(Tokenizer tokenizer, List<String> texts) {
    EncodeOptions plain =
        EncodeOptions.defaults().withAddedSpecials(false).withParsedSpecials(false);
    for (String text : texts) {
      for (EncodeOptions options : List.of(EncodeOptions.defaults(), plain)) {
        Map<Integer, EncodingStep.Token> tokens = new TreeMap<>();
        Encoding shown =
            tokenizer.encode(
                text,
                options,
                step -> {
                  if (step instanceof EncodingStep.Token token) {
                    tokens.put(token.index(), token);
                  }
                });
        assertThat(shown.ids()).as(text).isEqualTo(tokenizer.encode(text, options).ids());
        assertThat(tokens.keySet()).as(text).containsExactlyElementsOf(indices(shown));
        tokens.forEach((i, token) -> assertThat(token).as(text).isEqualTo(token(shown, i, token)));
      }
    }
  }

  private static List<Integer> indices(Encoding encoding) {
    return IntStream.range(0, encoding.size()).boxed().toList();
  }

  private static EncodingStep.Token token(Encoding encoding, int i, EncodingStep.Token shown) {
    Place place =
        new Place(
            encoding.byteStart(i), encoding.byteEnd(i), encoding.charStart(i), encoding.charEnd(i));
    return new EncodingStep.Token(i, encoding.id(i), encoding.piece(i), place, shown.origin());
  }

  /// Where the references part, those of SentencePiece count.
  private int[] idsOf(JsonNode line) {
    return line.has("ids_sentencepiece") && !hasSpecialToken(text(line))
        ? ids(line.get("ids_sentencepiece"))
        : ids(line.get("ids"));
  }

  private boolean hasSpecialToken(String text) {
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      if (tokenizer.isSpecial(id) && text.contains(tokenizer.piece(id))) {
        return true;
      }
    }
    return false;
  }

  private static int[] withSpecials(JsonNode line, int[] ids) {
    if (!line.has("ids_add_special")) {
      return ids;
    }
    int[] all = ids(line.get("ids_add_special"));
    int added = all.length - line.get("ids").size();
    if (Arrays.equals(ids, ids(line.get("ids")))) {
      return all;
    }
    int[] parted = Arrays.copyOf(ids, ids.length + added);
    System.arraycopy(all, all.length - added, parted, ids.length, added);
    return parted;
  }

  private int[] unparsed(JsonNode line) {
    JsonNode byReference = SENTENCEPIECE_UNPARSED.get(line.get("name").asText());
    if (byReference != null && expected.at("/meta/tokenizer").asText().equals("ugm_small")) {
      return ids(byReference);
    }
    if (line.has("ids_sentencepiece")) {
      return ids(line.get("ids_sentencepiece"));
    }
    return ids(line.get(line.has("ids_no_parse") ? "ids_no_parse" : "ids"));
  }

  /// Tokens stand in the order of the text, though normalizing may have dropped parts of it.
  void assertPlacesFollowOneAnother() {
    EncodeOptions plain = EncodeOptions.defaults().withAddedSpecials(false);
    for (JsonNode line : expected.get("cases")) {
      String text = text(line);
      Encoding encoding = tokenizer.encode(text, plain);
      int start = 0;
      int end = 0;
      for (int i = 0; i < encoding.size(); i++) {
        assertThat(encoding.byteStart(i)).as("%s, token %d", text, i).isGreaterThanOrEqualTo(start);
        assertThat(encoding.byteEnd(i))
            .as("%s, token %d", text, i)
            .isGreaterThanOrEqualTo(Math.max(end, encoding.byteStart(i)));
        start = encoding.byteStart(i);
        end = encoding.byteEnd(i);
      }
      assertThat(end).as(text).isLessThanOrEqualTo(Utf8.encode(text).length);
    }
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

package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Small tokenizers, one for each part that a `tokenizer.json` can name, against Hugging Face's.
class ComponentsTest {

  @TempDir private Path folder;

  static List<Arguments> files() {
    List<Arguments> files = new ArrayList<>();
    JsonNode all = ExpectedIds.json(GgufMetadata.resourceBytes("json/components.json.gz"));
    all.get("files").forEach(file -> files.add(Arguments.of(file.get("name").asText(), file)));
    return files;
  }

  private Tokenizer tokenizer(JsonNode file) {
    return new TokenizerFolder(folder).read("one.json", file.get("tokenizer").toString());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void textsGiveTheIdsOfTheReference(String name, JsonNode file) {
    Tokenizer tokenizer = tokenizer(file);
    EncodeOptions plain = EncodeOptions.defaults().withAddedSpecials(false);
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode line : file.get("cases")) {
      String text = line.get("text").asText();
      JsonNode ids = line.get("ids");
      JsonNode whole = line.has("ids_add_special") ? line.get("ids_add_special") : ids;
      JsonNode unparsed = line.has("ids_no_parse") ? line.get("ids_no_parse") : ids;
      softly
          .assertThat(tokenizer.encode(text, plain).ids())
          .as("%s: '%s'", name, text)
          .isEqualTo(ExpectedIds.ids(ids));
      softly
          .assertThat(tokenizer.encode(text).ids())
          .as("%s: '%s' with special tokens added", name, text)
          .isEqualTo(ExpectedIds.ids(whole));
      softly
          .assertThat(tokenizer.encode(text, plain.withParsedSpecials(false)).ids())
          .as("%s: '%s' with special tokens as text", name, text)
          .isEqualTo(ExpectedIds.ids(unparsed));
    }
    softly.assertAll();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void idsGiveTheTextsOfTheReferenceAtOnceAndOneByOne(String name, JsonNode file) {
    Tokenizer tokenizer = tokenizer(file);
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode line : file.get("decode")) {
      int[] ids = ExpectedIds.ids(line.get("ids"));
      String skipped = line.get("skipped").asText();
      softly
          .assertThat(tokenizer.decode(ids))
          .as("%s: %s", name, line.get("ids"))
          .isEqualTo(line.get("decoded").asText());
      softly
          .assertThat(tokenizer.decode(ids, SpecialText.HIDDEN))
          .as("%s: %s without special tokens", name, line.get("ids"))
          .isEqualTo(skipped);
      if (skipped.indexOf('\uFFFD') < 0) { // bytes that are given out cannot be taken back
        softly
            .assertThat(streamed(tokenizer, ids))
            .as("%s: %s one by one", name, line.get("ids"))
            .isEqualTo(skipped);
      }
    }
    softly.assertAll();
  }

  private static String streamed(Tokenizer tokenizer, int... ids) {
    StreamDecoder decoder = tokenizer.newStreamDecoder();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.append(id));
    }
    return text.append(decoder.flush()).toString();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void shownWorkGivesTheSame(String name, JsonNode file) {
    List<String> texts = new ArrayList<>();
    file.get("cases").forEach(line -> texts.add(line.get("text").asText()));
    ExpectedIds.assertShownWorkGivesTheSame(tokenizer(file), texts);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void placesLieInTheText(String name, JsonNode file) {
    Tokenizer tokenizer = tokenizer(file);
    for (JsonNode line : file.get("cases")) {
      String text = line.get("text").asText();
      Encoding encoding = tokenizer.encode(text);
      int length = Utf8.encode(text).length;
      for (int i = 0; i < encoding.size(); i++) {
        assertThat(encoding.byteStart(i)).as(name).isBetween(0, length);
        assertThat(encoding.byteEnd(i)).as(name).isBetween(encoding.byteStart(i), length);
        assertThat(encoding.textOf(i)).as(name).isNotNull();
      }
    }
  }
}

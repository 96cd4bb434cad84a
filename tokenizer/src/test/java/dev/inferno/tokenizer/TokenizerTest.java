package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  private static Tokenizer tokenizer(String name) {
    return ExpectedIds.resource(name).tokenizer();
  }

  /// Ids of Hugging Face's `tokenizers` 0.22.2, and for `ugm_small` of its own vocabulary.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "gpt2 | The quick brown fox | 464 2068 7586 21831",
        "gpt2 | I'm learning AI | 40 1101 4673 9552",
        "gpt2 | Hello, world! | 15496 11 995 0",
        "smollm2 | The quick brown fox | 504 2365 6354 16438",
        "smollm2 | I'm learning AI | 57 5248 1380 5646",
        "smollm2 | Hello, world! | 19556 28 905 17",
        "qwen3 | The quick brown fox | 785 3974 13876 38835",
        "qwen3 | I'm learning AI | 40 2776 6832 15235",
        "qwen3 | Hello, world! | 9707 11 1879 0",
        "mistral_v1 | The quick brown fox | 415 2936 9060 285 1142",
        "mistral_v1 | I'm learning AI | 315 28742 28719 5168 16107",
        "mistral_v1 | Hello, world! | 22557 28725 1526 28808",
        "bert_bge | The quick brown fox | 1996 4248 2829 4419",
        "bert_bge | I'm learning AI | 1045 1005 1049 4083 9932",
        "bert_bge | Hello, world! | 7592 1010 2088 999",
        "ugm_small | The quick brown fox | 319 1697 1537 294 376 330 307",
        "ugm_small | I'm learning AI | 259 379 271 357 259 411 973 416 379",
        "ugm_small | Hello, world! | 755 628 833 262 1719 339 281 36"
      })
  void wellKnownTextsHaveTheirIds(String vocabulary, String text, String ids) {
    assertThat(tokenizer(vocabulary).encode(text, PLAIN).ids())
        .containsExactly(Stream.of(ids.split(" ")).mapToInt(Integer::parseInt).toArray());
  }

  @Test
  void manyTextsAtOnceAreAsOneByOne() {
    Tokenizer tokenizer = tokenizer("smollm2");
    List<String> texts =
        IntStream.range(0, 500)
            .mapToObj(i -> "text number %d: ".formatted(i).repeat(i % 9))
            .toList();
    List<Encoding> all = tokenizer.encodeAll(texts, PLAIN);
    assertThat(all).hasSameSizeAs(texts);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).ids()).isEqualTo(tokenizer.encode(texts.get(i), PLAIN).ids());
    }
  }

  @Test
  void placesAreGivenInBytesAndInChars() {
    Encoding encoding = tokenizer("gpt2").encode("né 😀!", PLAIN);
    List<String> places = new ArrayList<>();
    for (int i = 0; i < encoding.size(); i++) {
      places.add(
          "%s bytes %d-%d chars %d-%d"
              .formatted(
                  encoding.piece(i),
                  encoding.byteStart(i),
                  encoding.byteEnd(i),
                  encoding.charStart(i),
                  encoding.charEnd(i)));
    }
    assertThat(places)
        .containsExactly(
            "n bytes 0-1 chars 0-1",
            "Ã© bytes 1-3 chars 1-2",
            "ĠðŁĺ bytes 3-7 chars 2-5",
            "Ģ bytes 7-8 chars 3-5",
            "! bytes 8-9 chars 5-6");
    assertThat(encoding.textOf(3)).isEqualTo("😀");
  }

  @Test
  void placesAreThoseOfTheOriginalWhereTextIsComposed() {
    Encoding encoding = tokenizer("qwen3").encode("x cafe\u0301 y", PLAIN);
    assertThat(encoding.pieces()).containsExactly("x", "ĠcafÃ©", "Ġy");
    assertThat(encoding.textOf(1)).isEqualTo(" cafe\u0301");
    assertThat(encoding.byteStart(2)).isEqualTo(8);
  }

  @Test
  void theBlankPutBeforeATextHasNoPlaceInIt() {
    Encoding encoding = tokenizer("mistral_v1").encode("1 ▁");
    assertThat(encoding.pieces()).containsExactly("<s>", "▁", "1", "▁▁");
    assertThat(encoding.textOf(0)).isEmpty();
    assertThat(encoding.textOf(1)).isEmpty();
    assertThat(encoding.textOf(2)).isEqualTo("1");
    assertThat(encoding.textOf(3)).isEqualTo(" ▁");
  }

  @Test
  void bytesWithoutTokenAreReported() {
    Encoding encoding = tokenizer("smollm2").encode("a\u0004\u0006b", PLAIN);
    assertThat(tokenizer("smollm2").decode(encoding.ids())).isEqualTo("ab");
    assertThat(encoding.droppedBytes()).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "smollm2"})
  void aWordThatComesAgainGivesTheSameTokens(String name) {
    String unit = " Xylophonists' unfathomable\u0004 naïveté";
    Encoding once = tokenizer(name).encode(unit, PLAIN);
    Encoding often = tokenizer(name).encode(unit.repeat(300), PLAIN);
    int length = Utf8.encode(unit).length;
    assertThat(often.size()).isEqualTo(300 * once.size());
    for (int i = 0; i < often.size(); i++) {
      int place = i % once.size();
      int shift = i / once.size() * length;
      assertThat(often.id(i)).isEqualTo(once.id(place));
      assertThat(often.byteStart(i)).isEqualTo(shift + once.byteStart(place));
      assertThat(often.byteEnd(i)).isEqualTo(shift + once.byteEnd(place));
    }
  }

  @Test
  void manyThreadsMayShareATokenizer() throws Exception {
    Tokenizer fresh = Tokenizer.fromGguf(GgufMetadata.resource("smollm2.vocab.gguf.gz"));
    String text = "Many threads, one tokenizer: 1234 words don't collide. ".repeat(50);
    int[] expected = tokenizer("smollm2").encode(text).ids();
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      List<Future<int[]>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        results.add(executor.submit(() -> fresh.encode(text).ids()));
      }
      for (Future<int[]> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void idsOutsideTheVocabularyAreRefused() {
    Tokenizer tokenizer = Tokenizer.fromGguf(Metadatas.byteLevel(List.of("a", "b"), List.of()));
    for (int id : new int[] {-1, 2}) {
      String message = "token id must be from 0 to 1, but is " + id;
      assertThatThrownBy(() -> tokenizer.decode(id))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> tokenizer.newStreamDecoder().append(id)).hasMessage(message);
      assertThatThrownBy(() -> tokenizer.piece(id)).hasMessage(message);
      assertThatThrownBy(() -> tokenizer.bytes(id)).hasMessage(message);
      assertThatThrownBy(() -> tokenizer.isSpecial(id)).hasMessage(message);
      assertThatThrownBy(() -> tokenizer.isEndOfGeneration(id)).hasMessage(message);
    }
  }

  @Test
  void theFileSaysWhatIsAddedAtBothEnds() {
    Map<String, Object> metadata =
        Metadatas.byteLevel(List.of("a", "<s>", "</s>", "<sep>"), List.of());
    metadata.put("tokenizer.ggml.bos_token_id", 1L);
    metadata.put("tokenizer.ggml.eos_token_id", 2L);
    metadata.put("tokenizer.ggml.seperator_token_id", 3L);
    assertThat(Tokenizer.fromGguf(metadata).encode("a").ids()).containsExactly(0);
    assertThat(Tokenizer.fromGguf(metadata).addsBeginningOfSequence()).isFalse();
    metadata.put("tokenizer.ggml.add_bos_token", true);
    metadata.put("tokenizer.ggml.add_eos_token", true);
    metadata.put("tokenizer.ggml.add_sep_token", true);
    Tokenizer adding = Tokenizer.fromGguf(metadata);
    assertThat(adding.encode("a").ids()).containsExactly(1, 0, 2, 3);
    assertThat(adding.encode("a", PLAIN).ids()).containsExactly(0);
    assertThat(adding.addsBeginningOfSequence()).isTrue();
  }

  @Test
  void withoutTypesTheTokensNamedByTheFileAreSpecial() {
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a", "<s>", "b"), List.of());
    metadata.put("tokenizer.ggml.bos_token_id", 1L);
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
    assertThat(tokenizer.isSpecial(1)).isTrue();
    assertThat(tokenizer.encode("a<s>b", PLAIN).ids()).containsExactly(0, 1, 2);
  }

  @Test
  void theLongestOfTheLeftmostWholeTokensIsTaken() {
    Map<String, Object> metadata =
        Metadatas.byteLevel(List.of("a", "<a>", "<a><", "<a><b>", "b>", "<", ">", "b"), List.of());
    metadata.put("tokenizer.ggml.token_type", new long[] {1, 4, 3, 4, 3, 1, 1, 1});
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
    assertThat(tokenizer.encode("<a><b>", PLAIN).ids()).containsExactly(3);
    assertThat(tokenizer.encode("<a><a>", PLAIN).ids()).containsExactly(2, 0, 6);
    assertThat(tokenizer.encode("<a>b>", PLAIN).ids()).containsExactly(1, 4);
    assertThat(tokenizer.encode("<a><a>b>", PLAIN.withParsedSpecials(false)).ids())
        .containsExactly(1, 1, 7, 6);
  }

  @Test
  void rolesAndTextsMakeATokenAnEndOfGeneration() {
    Map<String, Object> metadata =
        Metadatas.byteLevel(
            List.of("a", "<|im_end|>", "x", "y", "<|end|>", "<|return|>", "<|fim_pad|>"),
            List.of());
    metadata.put("tokenizer.ggml.eos_token_id", 2L);
    metadata.put("tokenizer.ggml.eot_token_id", 3L);
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
    List<Integer> ends = new ArrayList<>();
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      if (tokenizer.isEndOfGeneration(id)) {
        ends.add(id);
      }
    }
    assertThat(ends).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void endsAMessageOnlyWithTheHarmonyFormatsEndToken() {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.byteLevel(List.of("<|end|>", "<|return|>", "<|call|>"), List.of()));
    assertThat(tokenizer.isEndOfGeneration(0)).isFalse();
    assertThat(tokenizer.isEndOfGeneration(1)).isTrue();
  }

  @Test
  void theChatTemplateIsGivenAsItIs() {
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a"), List.of());
    assertThat(Tokenizer.fromGguf(metadata).chatTemplate()).isEmpty();
    metadata.put("tokenizer.chat_template", "{{ messages }}");
    assertThat(Tokenizer.fromGguf(metadata).chatTemplate()).hasValue("{{ messages }}");
  }
}

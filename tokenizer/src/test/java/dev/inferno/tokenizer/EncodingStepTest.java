package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The steps of single texts, written out. Those with a published vocabulary were worked out by
/// hand from its list of merges or its scores.
class EncodingStepTest {

  private static final EncodeOptions PLAIN = EncodeOptions.defaults().withAddedSpecials(false);

  @TempDir private static Path folder;

  private static List<String> steps(Tokenizer tokenizer, String text, EncodeOptions options) {
    List<String> steps = new ArrayList<>();
    tokenizer.encode(text, options, step -> steps.add(inWords(step)));
    return steps;
  }

  private static String inWords(EncodingStep step) {
    return switch (step) {
      case EncodingStep.Normalized(String text, Place place) ->
          "normalized '%s' %s".formatted(text, inWords(place));
      case EncodingStep.Piece(String text, Place place) ->
          "piece '%s' %s".formatted(text, inWords(place));
      case EncodingStep.Symbols(List<String> symbols) -> String.join(" ", symbols);
      case EncodingStep.Merge merge ->
          "%d %s + %d %s = %s, rank %d"
              .formatted(
                  merge.leftAt(),
                  merge.left(),
                  merge.rightAt(),
                  merge.right(),
                  merge.merged(),
                  merge.rank());
      case EncodingStep.Candidate candidate ->
          "%d %s %d-%d %s %s%s"
              .formatted(
                  candidate.id(),
                  candidate.token(),
                  candidate.start(),
                  candidate.end(),
                  candidate.score(),
                  candidate.sum(),
                  candidate.isBest() ? " best" : "");
      case EncodingStep.Match(int id, String token, Place place) ->
          "%d %s %s".formatted(id, token, inWords(place));
      case EncodingStep.Token token ->
          "%s %d: %d %s %s"
              .formatted(
                  token.origin(), token.index(), token.id(), token.token(), inWords(token.place()));
      case EncodingStep.Dropped(Place place) -> "dropped " + inWords(place);
    };
  }

  private static String inWords(Place place) {
    String chars = "%d-%d".formatted(place.charStart(), place.charEnd());
    String bytes = "%d-%d".formatted(place.byteStart(), place.byteEnd());
    return bytes.equals(chars) ? chars : "%s (bytes %s)".formatted(chars, bytes);
  }

  @Test
  void bytesAreMergedPieceByPiece() {
    Tokenizer tokenizer = ExpectedIds.resource("gpt2").tokenizer();
    tokenizer.encode("I'm learning AI"); // what is known by now is shown all the same
    assertThat(steps(tokenizer, "I'm learning AI", PLAIN))
        .containsExactly(
            "normalized 'I'm learning AI' 0-15",
            "piece 'I' 0-1",
            "I",
            "PIECE 0: 40 I 0-1",
            "piece ''m' 1-3",
            "' m",
            "0 ' + 1 m = 'm, rank 845",
            "PIECE 1: 1101 'm 1-3",
            "piece ' learning' 3-12",
            "Ġ l e a r n i n g",
            "6 i + 7 n = in, rank 3",
            "6 in + 8 g = ing, rank 22",
            "3 a + 4 r = ar, rank 27",
            "1 l + 2 e = le, rank 37",
            "0 Ġ + 1 le = Ġle, rank 187",
            "5 n + 6 ing = ning, rank 512",
            "3 ar + 5 ning = arning, rank 3972",
            "0 Ġle + 3 arning = Ġlearning, rank 4417",
            "PIECE 2: 4673 Ġlearning 3-12",
            "piece ' AI' 12-15",
            "Ġ A I",
            "0 Ġ + 1 A = ĠA, rank 61",
            "0 ĠA + 2 I = ĠAI, rank 9296",
            "PIECE 3: 9552 ĠAI 12-15");
  }

  @Test
  void aWordThatComesAgainIsMergedAgain() {
    Tokenizer tokenizer = ExpectedIds.resource("gpt2").tokenizer();
    List<String> steps = steps(tokenizer, " quick".repeat(1000), PLAIN);
    assertThat(steps).filteredOn("0 Ġqu + 3 ick = Ġquick, rank 1812"::equals).hasSize(1000);
  }

  @Test
  void charactersAreMergedByScore() {
    assertThat(
            steps(
                ExpectedIds.resource("mistral_v1").tokenizer(),
                "Hello, world!",
                EncodeOptions.defaults()))
        .containsExactly(
            "ADDED 0: 1 <s> 0-0",
            "normalized '▁Hello,▁world!' 0-13",
            "piece '▁Hello,' 0-6",
            "▁ H e l l o ,",
            "2 e + 3 l = el, rank 299",
            "0 ▁ + 1 H = ▁H, rank 378",
            "2 el + 4 l = ell, rank 474",
            "2 ell + 5 o = ello, rank 4497",
            "0 ▁H + 2 ello = ▁Hello, rank 22544",
            "PIECE 1: 22557 ▁Hello 0-5",
            "PIECE 2: 28725 , 5-6",
            "piece '▁world!' 6-13",
            "▁ w o r l d !",
            "2 o + 3 r = or, rank 270",
            "0 ▁ + 1 w = ▁w, rank 273",
            "4 l + 5 d = ld, rank 413",
            "0 ▁w + 2 or = ▁wor, rank 1037",
            "0 ▁wor + 4 ld = ▁world, rank 1517",
            "PIECE 3: 1526 ▁world 6-12",
            "PIECE 4: 28808 ! 12-13");
  }

  @Test
  void whatIsNoTokenFallsToBytesOrIsUnknownOrDropped() {
    Tokenizer bytes =
        Tokenizer.fromGguf(
            Metadatas.sentencePiece(List.of("<unk>", "▁", "a", "<0xC3>", "<0xA9>"), 2, 1, 1, 6, 6));
    assertThat(steps(bytes, "aé", PLAIN))
        .containsExactly(
            "normalized '▁aé' 0-2 (bytes 0-3)",
            "piece '▁aé' 0-2 (bytes 0-3)",
            "▁ a é",
            "PIECE 0: 1 ▁ 0-0",
            "PIECE 1: 2 a 0-1",
            "BYTE 2: 3 <0xC3> 1-2",
            "BYTE 3: 4 <0xA9> 1-2 (bytes 2-3)");

    Tokenizer unknown =
        Tokenizer.fromGguf(Metadatas.sentencePiece(List.of("<unk>", "▁", "a"), 2, 1, 1));
    assertThat(steps(unknown, "aéx", PLAIN))
        .endsWith(
            "PIECE 1: 2 a 0-1",
            "UNKNOWN 2: 0 <unk> 1-2 (bytes 1-3)",
            "UNKNOWN 2: 0 <unk> 1-3 (bytes 1-4)");

    Tokenizer dropping =
        Tokenizer.fromGguf(Metadatas.byteLevel(List.of("a", "b", "ab"), List.of("a b")));
    assertThat(steps(dropping, "a\u0001b", PLAIN))
        .containsExactly(
            "normalized 'a\u0001b' 0-3",
            "piece 'a' 0-1",
            "a",
            "PIECE 0: 0 a 0-1",
            "piece '\u0001' 1-2",
            "dropped 1-2",
            "",
            "piece 'b' 2-3",
            "b",
            "PIECE 1: 1 b 2-3");
  }

  @Test
  void tokensThatAreFoundAsAWholeDivideTheText() {
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a", "<|x|>", "</s>"), List.of());
    metadata.put("tokenizer.ggml.token_type", new long[] {1, 4, 3});
    metadata.put("tokenizer.ggml.eos_token_id", 2L);
    metadata.put("tokenizer.ggml.add_eos_token", true);
    assertThat(steps(Tokenizer.fromGguf(metadata), "a<|x|>a", EncodeOptions.defaults()))
        .containsExactly(
            "normalized 'a' 0-1",
            "piece 'a' 0-1",
            "a",
            "PIECE 0: 0 a 0-1",
            "FOUND 1: 1 <|x|> 1-6",
            "normalized 'a' 6-7",
            "piece 'a' 6-7",
            "a",
            "PIECE 2: 0 a 6-7",
            "ADDED 3: 2 </s> 7-7");
  }

  @Test
  void placesAreThoseOfTheTextBeforeItWasNormalized() {
    assertThat(steps(ExpectedIds.resource("qwen3").tokenizer(), "e\u0301 x", PLAIN))
        .contains("normalized '\u00e9 x' 0-4 (bytes 0-5)", "piece '\u00e9' 0-2 (bytes 0-3)")
        .endsWith("PIECE 1: 856 Ġx 2-4 (bytes 3-5)");
  }

  @Test
  void theLongestBeginningsOfAWordAreFound() {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(Metadatas.wordPiece(List.of("▁un", "aff", "able", "▁no")));
    assertThat(steps(tokenizer, "No UNAFFABLE unaffx", EncodeOptions.defaults()))
        .containsExactly(
            "ADDED 0: 0 [CLS] 0-0",
            "normalized 'no unaffable unaffx' 0-19",
            "piece 'no' 0-2",
            "PIECE 1: 6 ▁no 0-2",
            "piece 'unaffable' 3-12",
            "3 ▁un 3-5",
            "4 aff 5-8",
            "5 able 8-12",
            "PIECE 2: 3 ▁un 3-5",
            "PIECE 3: 4 aff 5-8",
            "PIECE 4: 5 able 8-12",
            "piece 'unaffx' 13-19",
            "3 ▁un 13-15",
            "4 aff 15-18",
            "UNKNOWN 5: 2 [UNK] 13-19",
            "ADDED 6: 1 [SEP] 19-19");
  }

  @Test
  void waysThroughATextAreWeighed() {
    Map<String, Object> metadata =
        Metadatas.unigram(List.of("<unk>", "▁", "a", "b", "▁ab"), 2, 1, 1, 1, 1);
    metadata.put("tokenizer.ggml.scores", new float[] {0, -1, -2, -3, -5});
    assertThat(steps(Tokenizer.fromGguf(metadata), "abé", PLAIN))
        .containsExactly(
            "normalized '▁abé' 0-3 (bytes 0-4)",
            "piece '▁abé' 0-3 (bytes 0-4)",
            "1 ▁ 0-1 -1.0 -1.0 best",
            "4 ▁ab 0-3 -5.0 -5.0 best",
            "2 a 1-2 -2.0 -3.0 best",
            "3 b 2-3 -3.0 -6.0",
            "0 <unk> 3-4 -15.0 -20.0 best",
            "PIECE 0: 4 ▁ab 0-2",
            "UNKNOWN 1: 0 <unk> 2-3 (bytes 2-4)");
  }

  @Test
  void aTokenizerJsonShowsItsSteps() {
    Tokenizer tokenizer =
        new TokenizerFolder(folder)
            .read(
                "steps.json",
                """
                {"normalizer":{"type":"Lowercase"},
                 "pre_tokenizer":{"type":"Whitespace"},
                 "added_tokens":[{"id":5,"content":"|","normalized":true}],
                 "model":{"type":"BPE","unk_token":"?","end_of_word_suffix":"*",
                  "vocab":{"a":0,"b":1,"b*":2,"ab*":3,"?":4},"merges":["a b*"]}}
                """);
    assertThat(steps(tokenizer, "AB |bx", PLAIN))
        .containsExactly(
            "normalized 'ab |bx' 0-6",
            "piece 'ab' 0-2",
            "a b*",
            "0 a + 1 b* = ab*, rank 0",
            "PIECE 0: 3 ab* 0-2",
            "FOUND 1: 5 | 3-4",
            "piece 'bx' 4-6",
            "b ?",
            "PIECE 2: 1 b 4-5",
            "UNKNOWN 3: 4 ? 5-6");
  }

  @Test
  void aPieceThatIsAWholeTokenNeedsNoWorkWhereMergesAreIgnored() {
    Tokenizer tokenizer =
        new TokenizerFolder(folder)
            .read(
                "whole.json",
                """
                {"model":{"type":"BPE","ignore_merges":true,"vocab":{"a":0,"b":1,"ab":2},"merges":[]}}
                """);
    assertThat(steps(tokenizer, "ab", PLAIN))
        .containsExactly("normalized 'ab' 0-2", "piece 'ab' 0-2", "PIECE 0: 2 ab 0-2");
  }
}

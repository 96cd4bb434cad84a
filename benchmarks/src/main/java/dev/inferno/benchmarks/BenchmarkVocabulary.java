package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inferno.Model;
import dev.inferno.format.GgufFile;
import dev.inferno.tokenizer.Tokenizer;
import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The vocabularies that are measured, by the name that a parameter gives them.
final class BenchmarkVocabulary {
  private static final long NORMAL = 1; // types of token in a GGUF file
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long BYTE = 6;

  private static final Pattern BLANK_BEHIND_OTHERS = Pattern.compile("[^ ] ");

  private BenchmarkVocabulary() {}

  /// Loads a vocabulary.
  ///
  /// @param name `bundled`, the byte-level one of the bundled model; `sentencepiece`, the same
  ///   pieces for the algorithm of SentencePiece; or the path of a GGUF file
  static Tokenizer load(String name) throws IOException {
    return switch (name) {
      case "bundled" -> bundled();
      case "sentencepiece" -> sentencePiece(bundled());
      default -> Model.tokenizer(GgufFile.open(Path.of(name)));
    };
  }

  private static Tokenizer bundled() throws IOException {
    return Model.tokenizer(GgufFile.of(BenchmarkModel.bundled(), BenchmarkModel.BUNDLED));
  }

  /// The pieces of a byte-level vocabulary that are whole characters, without the few that have a
  /// blank behind another character, which SentencePiece never learns; an early merge becomes a
  /// high score.
  private static Tokenizer sentencePiece(Tokenizer byteLevel) {
    List<String> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int octet = 0; octet < 256; octet++) {
      pieces.add("<0x%02X>".formatted(octet));
    }
    int special = 3;
    int firstNormal = pieces.size();
    for (int id = 0; id < byteLevel.vocabularySize(); id++) {
      byte[] bytes = byteLevel.bytes(id);
      String text = new String(bytes, UTF_8);
      boolean isWhole = Arrays.equals(text.getBytes(UTF_8), bytes);
      if (isWhole && !byteLevel.isSpecial(id) && !BLANK_BEHIND_OTHERS.matcher(text).find()) {
        pieces.add(text.replace(' ', '▁'));
      }
    }
    float[] scores = new float[pieces.size()];
    long[] types = new long[pieces.size()];
    for (int i = 0; i < types.length; i++) {
      scores[i] = i < firstNormal ? 0 : firstNormal - i;
      types[i] = i == 0 ? UNKNOWN : i < special ? CONTROL : i < firstNormal ? BYTE : NORMAL;
    }
    return Tokenizer.fromGguf(
        Map.of(
            "tokenizer.ggml.model",
            "llama",
            "tokenizer.ggml.tokens",
            Utf8List.of(pieces),
            "tokenizer.ggml.scores",
            scores,
            "tokenizer.ggml.token_type",
            types));
  }
}

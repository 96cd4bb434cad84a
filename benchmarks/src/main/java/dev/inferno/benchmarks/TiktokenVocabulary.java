package dev.inferno.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.knuddels.jtokkit.api.Encoding;
import dev.inferno.tokenizer.Tokenizer;
import dev.inferno.tokenizer.Utf8List;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A vocabulary as tiktoken has it, tokens in the order of their ranks, as the metadata of a GGUF
/// file would have it. tiktoken merges what is a token together, lowest rank first; so the merge
/// that makes a token is that of the two pieces that are left when only lower ranks are merged.
final class TiktokenVocabulary {
  private final List<String> tokens = new ArrayList<>(); // a char for each byte
  private final Map<String, Integer> ranks = new HashMap<>();

  private TiktokenVocabulary() {}

  /// The tokenizer of a file among jtokkit's resources.
  ///
  /// @param name such as `cl100k_base`
  /// @param preTokenizer GGUF's name of the way it cuts texts
  static Tokenizer load(String name, String preTokenizer) throws IOException {
    var vocabulary = new TiktokenVocabulary();
    vocabulary.read(name);
    return Tokenizer.fromGguf(
        Map.of(
            "tokenizer.ggml.model",
            "gpt2",
            "tokenizer.ggml.pre",
            preTokenizer,
            "tokenizer.ggml.tokens",
            Utf8List.of(vocabulary.tokens),
            "tokenizer.ggml.merges",
            Utf8List.of(vocabulary.merges())));
  }

  private void read(String name) throws IOException {
    String path = "/com/knuddels/jtokkit/" + name + ".tiktoken";
    try (InputStream in = Encoding.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IOException("jtokkit has no " + path);
      }
      var lines = new BufferedReader(new InputStreamReader(in, US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int blank = line.indexOf(' ');
        byte[] bytes = Base64.getDecoder().decode(line.substring(0, blank));
        int rank = Integer.parseInt(line.substring(blank + 1));
        if (rank != tokens.size()) {
          throw new IOException("%s: rank %d follows %d".formatted(path, rank, tokens.size() - 1));
        }
        String token = letters(bytes);
        tokens.add(token);
        ranks.put(token, rank);
      }
    }
  }

  /// A char for each byte: printable ones themselves, the others from 256 on in their order.
  private static String letters(byte[] bytes) {
    var letters = new StringBuilder(bytes.length);
    for (byte octet : bytes) {
      int value = octet & 0xFF;
      if (value <= ' ') {
        value += 256;
      } else if (value >= 0x7F && value <= 0xA0) {
        value += 256 + ' ' + 1 - 0x7F;
      } else if (value == 0xAD) {
        value = 256 + ' ' + 1 + 0xA1 - 0x7F;
      }
      letters.append((char) value);
    }
    return letters.toString();
  }

  private List<String> merges() {
    List<String> merges = new ArrayList<>();
    for (int rank = 0; rank < tokens.size(); rank++) {
      if (tokens.get(rank).length() > 1) {
        merges.add(lastMerge(tokens.get(rank), rank));
      }
    }
    return merges;
  }

  private String lastMerge(String token, int rank) {
    List<String> pieces = new ArrayList<>(List.of(token.split("")));
    while (pieces.size() > 2) {
      int best = -1;
      int lowest = rank;
      for (int i = 0; i + 1 < pieces.size(); i++) {
        int merged = ranks.getOrDefault(pieces.get(i) + pieces.get(i + 1), rank);
        if (merged < lowest) {
          lowest = merged;
          best = i;
        }
      }
      if (best < 0) {
        throw new IllegalStateException("token %d is not made of two others".formatted(rank));
      }
      pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
    }
    return String.join(" ", pieces);
  }
}

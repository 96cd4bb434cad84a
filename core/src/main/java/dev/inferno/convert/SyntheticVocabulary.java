package dev.inferno.convert;

import dev.inferno.format.GgufWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A byte-level vocabulary of any size that encodes every text: the 256 bytes, then all short words
/// of small letters, with or without a blank before them, and two special tokens at the end.
///
/// Words grow by a letter at each merge, all words of two characters first: so every word is the
/// merge of one that came before and a letter, as a BPE has to have it.
final class SyntheticVocabulary {
  private static final int BYTES = 256;
  private static final int SPECIALS = 2;
  private static final int LETTERS = 26;
  private static final int LONGEST = 4;

  /// The fewest tokens there can be.
  static final int LEAST = BYTES + SPECIALS;

  /// The most tokens there can be.
  static final int MOST = LEAST + words();

  private static final long NORMAL = 1; // types of token in a GGUF file
  private static final long CONTROL = 3;
  private static final char BLANK = '\u0120'; // how the byte-level alphabet writes it

  private SyntheticVocabulary() {}

  /// Words of 2 to `LONGEST` characters.
  private static int words() {
    int words = 0;
    int length = LETTERS + 1; // the first character may be a blank
    for (int characters = 2; characters <= LONGEST; characters++) {
      length *= LETTERS;
      words += length;
    }
    return words;
  }

  /// Adds the keys of the tokenizer.
  static void describe(GgufWriter writer, int size) {
    List<String> tokens = new ArrayList<>(size);
    List<String> merges = new ArrayList<>(size);
    addBytes(tokens);
    addWords(tokens, merges, size - SPECIALS);
    long begin = tokens.size();
    tokens.add("<|begin_of_text|>");
    tokens.add("<|end_of_text|>");
    long[] types = new long[size];
    Arrays.fill(types, NORMAL);
    Arrays.fill(types, size - SPECIALS, size, CONTROL);
    writer
        .metadata("tokenizer.ggml.model", "str", "gpt2")
        .metadata("tokenizer.ggml.pre", "str", "llama-bpe")
        .metadata("tokenizer.ggml.tokens", "arr[str]", tokens)
        .metadata("tokenizer.ggml.token_type", "arr[i32]", types)
        .metadata("tokenizer.ggml.merges", "arr[str]", merges)
        .metadata("tokenizer.ggml.bos_token_id", "u32", begin)
        .metadata("tokenizer.ggml.eos_token_id", "u32", begin + 1);
  }

  /// In the byte-level alphabet, printable bytes stand for themselves and come first; the others
  /// are the characters from U+0100 on.
  private static void addBytes(List<String> tokens) {
    for (char c = '!'; c <= 0xFF; c++) {
      if (c <= '~' || (c >= 0xA1 && c != 0xAD)) {
        tokens.add(String.valueOf(c));
      }
    }
    for (char c = 0x100; tokens.size() < BYTES; c++) {
      tokens.add(String.valueOf(c));
    }
  }

  private static void addWords(List<String> tokens, List<String> merges, int size) {
    List<String> shorter = new ArrayList<>();
    shorter.add(String.valueOf(BLANK));
    for (char letter = 'a'; letter <= 'z'; letter++) {
      shorter.add(String.valueOf(letter));
    }
    while (tokens.size() < size) {
      List<String> longer = new ArrayList<>();
      for (String word : shorter) {
        for (char letter = 'a'; letter <= 'z' && tokens.size() < size; letter++) {
          longer.add(word + letter);
          tokens.add(word + letter);
          merges.add(word + " " + letter);
        }
      }
      shorter = longer;
    }
  }
}

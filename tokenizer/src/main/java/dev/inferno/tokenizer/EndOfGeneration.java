package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/// Which tokens end what a model generates.
///
/// Files name one or two of them and models use more, so tokens are known by their text too; the
/// texts are those llama.cpp knows.
final class EndOfGeneration {

  private static final List<SpecialToken> ROLES =
      List.of(
          SpecialToken.END_OF_SEQUENCE,
          SpecialToken.END_OF_TURN,
          SpecialToken.END_OF_MESSAGE,
          SpecialToken.FILL_PADDING,
          SpecialToken.FILL_REPOSITORY,
          SpecialToken.FILL_SEPARATOR);

  private static final List<String> TEXTS =
      List.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|flush|>",
          "<|calls|>",
          "<end_of_turn>",
          "<turn|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<|eom_id|>",
          "</s>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<end_of_utterance>",
          "<｜end▁of▁sentence｜>");

  /// Texts for roles in filling gaps; they count where the file itself names no such token.
  private static final Map<SpecialToken, List<String>> FILL_TEXTS =
      Map.of(
          SpecialToken.FILL_PADDING,
          List.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"),
          SpecialToken.FILL_REPOSITORY,
          List.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
          SpecialToken.FILL_SEPARATOR,
          List.of("<|file_sep|>"));

  private EndOfGeneration() {}

  static BitSet of(ByteTable texts, Map<SpecialToken, Integer> named) {
    BitSet ids = new BitSet();
    for (String text : TEXTS) {
      add(texts, text, ids);
    }
    FILL_TEXTS.forEach((role, candidates) -> {
      if (!named.containsKey(role)) {
        candidates.forEach(text -> add(texts, text, ids));
      }
    });
    // The harmony format of gpt-oss ends each of several messages with this one.
    if (find(texts, "<|return|>") >= 0 && find(texts, "<|call|>") >= 0) {
      int end = find(texts, "<|end|>");
      if (end >= 0) {
        ids.clear(end);
      }
    }
    for (SpecialToken role : ROLES) {
      Integer id = named.get(role);
      if (id != null) {
        ids.set(id);
      }
    }
    return ids;
  }

  private static void add(ByteTable texts, String text, BitSet ids) {
    int id = find(texts, text);
    if (id >= 0) {
      ids.set(id);
    }
  }

  private static int find(ByteTable texts, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return texts.find(bytes, 0, bytes.length);
  }
}

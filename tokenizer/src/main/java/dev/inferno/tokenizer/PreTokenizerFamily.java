package dev.inferno.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The table of pre-tokenizers: which names in `tokenizer.ggml.pre` mean which scanner, and what
/// else such a name settles. To add one, add a row and a pair of expected ids.
///
/// The names and what they settle are those of llama.cpp's `llama-vocab.cpp`; composing to NFC is
/// what the families' published tokenizers do. The last two settings are overruled by the file's
/// own keys.
///
/// @param scanner where pieces end
/// @param composes whether text is brought to the normalization form NFC first
/// @param ignoresMerges whether a piece that is a token is that token, reached by merges or not
/// @param addsBos whether texts begin with the beginning-of-sequence token
/// @param addsSeparator whether texts end with the separator token
/// @param names what files call it
record PreTokenizerFamily(
    PreTokenizer scanner,
    boolean composes,
    boolean ignoresMerges,
    boolean addsBos,
    boolean addsSeparator,
    List<String> names) {

  private static final PreTokenizer GPT2 = new Gpt2Scanner(false);
  private static final PreTokenizer SMOLLM = new Gpt2Scanner(true);
  private static final PreTokenizer LLAMA3 = new Llama3Scanner(3);
  private static final PreTokenizer QWEN2 = new Llama3Scanner(1);

  static final PreTokenizerFamily DEFAULT = plain(new DefaultScanner(), "default");

  private static final List<PreTokenizerFamily> TABLE =
      List.of(
          DEFAULT,
          plain(GPT2, "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es"),
          plain(GPT2, "jina-v2-de", "a.x-4.0", "mellum", "modern-bert", "exaone4", "mpt", "olmo"),
          plain(GPT2, "jais", "trillion", "granite-docling"),
          plain(GPT2, "jina-v1-en", "jina-v2-code", "roberta-bpe").addingSeparator(),
          plain(SMOLLM, "smollm", "starcoder", "refact", "command-r", "cohere2_moe", "codeshell"),
          plain(SMOLLM, "exaone", "minerva-7b", "mellum2"),
          plain(LLAMA3, "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral")
              .ignoringMerges(),
          plain(LLAMA3, "midm-2.0", "lfm2", "jina-v5-nano").ignoringMerges(),
          plain(LLAMA3, "dbrx", "smaug-bpe", "glm4", "chatglm-bpe"),
          plain(QWEN2, "qwen2", "megrez", "f2llmv2").composing(),
          plain(QWEN2, "deepseek-r1-qwen", "kormo", "openpangu", "stablelm2", "hunyuan"),
          plain(QWEN2, "solar-open", "grok-2"));

  PreTokenizerFamily {
    names = List.copyOf(names);
  }

  private static PreTokenizerFamily plain(PreTokenizer scanner, String... names) {
    return new PreTokenizerFamily(scanner, false, false, false, false, List.of(names));
  }

  private PreTokenizerFamily composing() {
    return new PreTokenizerFamily(scanner, true, ignoresMerges, addsBos, addsSeparator, names);
  }

  /// As Llama 3, which also begins texts with its first token.
  private PreTokenizerFamily ignoringMerges() {
    return new PreTokenizerFamily(scanner, composes, true, true, addsSeparator, names);
  }

  private PreTokenizerFamily addingSeparator() {
    return new PreTokenizerFamily(scanner, composes, ignoresMerges, addsBos, true, names);
  }

  /// The family that files call by this name.
  ///
  /// @throws UnsupportedTokenizerException if there is none; a guess would give wrong ids
  static PreTokenizerFamily named(String name) {
    List<String> known = new ArrayList<>();
    for (PreTokenizerFamily family : TABLE) {
      if (family.names.contains(name)) {
        return family;
      }
      known.addAll(family.names);
    }
    Collections.sort(known);
    throw new UnsupportedTokenizerException(
        "%s is '%s'; supported are %s"
            .formatted(Metadata.PRE_TOKENIZER, name, String.join(", ", known)));
  }
}

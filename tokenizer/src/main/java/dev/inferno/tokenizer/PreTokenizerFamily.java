package dev.inferno.tokenizer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The table of pre-tokenizers: which names in `tokenizer.ggml.pre` mean which splitter, and what
/// else such a name settles. To add one, add a row and a pair of expected ids.
///
/// The names and what they settle are those of llama.cpp's `llama-vocab.cpp`; composing to NFC is
/// what the families' published tokenizers do. The last two settings are overruled by the file's
/// own keys.
///
/// @param splitter where pieces end
/// @param composes whether text is brought to the normalization form NFC first
/// @param ignoresMerges whether a piece that is a token is that token, reached by merges or not
/// @param addsBos whether texts begin with the beginning-of-sequence token
/// @param addsSeparator whether texts end with the separator token
/// @param names what files call it
record PreTokenizerFamily(
    Splitter splitter,
    boolean composes,
    boolean ignoresMerges,
    boolean addsBos,
    boolean addsSeparator,
    List<String> names) {

  private static final Splitter GPT2 = Splitters.GPT2;
  private static final Splitter SMOLLM = Splitters.SMOLLM;
  private static final Splitter LLAMA3 = Splitters.LLAMA3;
  private static final Splitter QWEN2 = Splitters.QWEN2;

  static final PreTokenizerFamily DEFAULT = plain(Splitters.DEFAULT, "default");

  private static final List<PreTokenizerFamily> TABLE =
      List.of(
          DEFAULT,
          plain(GPT2, "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es"),
          plain(GPT2, "jina-v2-de", "a.x-4.0", "mellum", "modern-bert", "exaone4"),
          plain(GPT2, "jais", "trillion", "granite-docling"),
          plain(GPT2, "mpt", "olmo").composing(),
          plain(GPT2, "jina-v1-en", "jina-v2-code", "roberta-bpe").addingSeparator(),
          plain(SMOLLM, "smollm", "starcoder", "refact", "command-r", "cohere2_moe", "codeshell"),
          plain(SMOLLM, "exaone", "minerva-7b", "mellum2"),
          plain(LLAMA3, "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral")
              .ignoringMerges()
              .addingBos(),
          plain(LLAMA3, "midm-2.0", "lfm2", "jina-v5-nano").ignoringMerges().addingBos(),
          plain(LLAMA3, "dbrx", "smaug-bpe", "chatglm-bpe"),
          plain(LLAMA3, "glm4", "glm5").ignoringMerges(),
          plain(QWEN2, "qwen2", "megrez", "f2llmv2").composing(),
          plain(QWEN2, "deepseek-r1-qwen", "kormo", "openpangu", "stablelm2", "hunyuan"),
          plain(QWEN2, "solar-open", "grok-2", "bailingmoe", "bailingmoe2", "llada-moe"),
          plain(Splitters.QWEN35, "qwen35").composing(),
          plain(Splitters.LAGUNA, "laguna"),
          plain(Splitters.MINICPM5, "minicpm5").ignoringMerges(),
          plain(Splitters.FALCON, "falcon"),
          plain(Splitters.JAIS2, "jais-2"),
          plain(Splitters.SEED_CODER, "seed-coder"),
          plain(Splitters.UFAKZEKA, "ufakzeka"),
          plain(Splitters.EXAONE_MOE, "exaone-moe"),
          plain(Splitters.DEEPSEEK_CODER, "deepseek-coder"),
          plain(Splitters.DEEPSEEK_LLM, "deepseek-llm"),
          plain(Splitters.DEEPSEEK3, "deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"),
          plain(Splitters.SPARK, "spark2_5"),
          plain(Splitters.AFMOE, "afmoe"),
          plain(Splitters.GPT4O, "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"),
          plain(Splitters.GPT4O, "granite-embed-multi-97m").ignoringMerges(),
          plain(Splitters.TEKKEN, "tekken").ignoringMerges().addingBos(),
          plain(Splitters.YOUTU, "youtu").ignoringMerges(),
          plain(Splitters.KIMI, "kimi-k2"),
          plain(Splitters.TINY_AYA, "tiny_aya", "cohere2moe"),
          plain(Splitters.SUPERBPE, "superbpe"),
          plain(Splitters.BLOOM, "bloom", "poro-chat", "gpt3-finnish"),
          plain(Splitters.VIKING, "viking"),
          plain(Splitters.CHAMELEON, "chameleon").addingBos());

  /// Names that go with vocabularies of characters instead of bytes, which are not handled.
  private static final List<String> OF_CHARACTERS =
      List.of("gemma4", "granite-embed-multi-311m", "sarvam-moe", "whitespace");

  PreTokenizerFamily {
    names = List.copyOf(names);
  }

  private static PreTokenizerFamily plain(Splitter splitter, String... names) {
    return new PreTokenizerFamily(splitter, false, false, false, false, List.of(names));
  }

  private PreTokenizerFamily composing() {
    return new PreTokenizerFamily(splitter, true, ignoresMerges, addsBos, addsSeparator, names);
  }

  private PreTokenizerFamily ignoringMerges() {
    return new PreTokenizerFamily(splitter, composes, true, addsBos, addsSeparator, names);
  }

  private PreTokenizerFamily addingBos() {
    return new PreTokenizerFamily(splitter, composes, ignoresMerges, true, addsSeparator, names);
  }

  private PreTokenizerFamily addingSeparator() {
    return new PreTokenizerFamily(splitter, composes, ignoresMerges, addsBos, true, names);
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
        "%s is '%s'%s; supported are %s"
            .formatted(
                Metadata.PRE_TOKENIZER,
                Metadata.shortened(name),
                OF_CHARACTERS.contains(name)
                    ? ", which goes with a vocabulary of characters instead of bytes"
                    : "",
                String.join(", ", known)));
  }
}

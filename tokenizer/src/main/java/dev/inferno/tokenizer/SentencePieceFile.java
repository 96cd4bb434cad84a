package dev.inferno.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A SentencePiece model, as the metadata that a GGUF file has for one. For one reading.
///
/// The fields are those of
/// <https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto>.
final class SentencePieceFile {

  private static final long MOST_BYTES = 1 << 28;

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;
  private static final List<String> KINDS = List.of("UNIGRAM", "BPE", "WORD", "CHAR");

  private final String name;
  private final List<String> texts = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private float[] scores = new float[1024];
  private long[] types = new long[1024];

  private long kind = UNIGRAM;
  private boolean isSuffixed;
  private final Map<SpecialToken, Long> roles = new HashMap<>();
  private final Map<String, Object> normalizer = new HashMap<>();
  private boolean removesBlanks = true;
  private boolean escapesBlanks = true;

  private SentencePieceFile(String name) {
    this.name = name;
    roles.put(SpecialToken.UNKNOWN, 0L); // what holds where the file is silent
    roles.put(SpecialToken.BEGINNING_OF_SEQUENCE, 1L);
    roles.put(SpecialToken.END_OF_SEQUENCE, 2L);
    roles.put(SpecialToken.PADDING, -1L);
  }

  /// @throws IOException if it cannot be read
  /// @throws MalformedTokenizerException if it breaks its format
  /// @throws UnsupportedTokenizerException if it is of a kind that is not handled
  static Map<String, Object> metadata(Path path) throws IOException {
    long size = Files.size(path);
    if (size > MOST_BYTES) {
      throw new MalformedTokenizerException(
          "%s: malformed: has %d bytes; possible are up to %d".formatted(path, size, MOST_BYTES));
    }
    var file = new SentencePieceFile(path.toString());
    file.read(ProtocolBuffer.of(Files.readAllBytes(path), path.toString()));
    return file.metadata();
  }

  private void read(ProtocolBuffer model) {
    for (int field = model.next(); field > 0; field = model.next()) {
      switch (field) {
        case 1 -> readPiece(model.message());
        case 2 -> readTrainer(model.message());
        case 3 -> readNormalizer(model.message());
        default -> model.skip();
      }
    }
    if (texts.isEmpty()) {
      throw model.malformed("there are no pieces");
    }
  }

  private void readPiece(ProtocolBuffer piece) {
    String text = "";
    float score = 0;
    long type = 1;
    for (int field = piece.next(); field > 0; field = piece.next()) {
      switch (field) {
        case 1 -> text = piece.text(Vocabulary.LONGEST_TOKEN_BYTES);
        case 2 -> score = piece.real();
        case 3 -> type = piece.integer();
        default -> piece.skip();
      }
    }
    if (type < 1 || type > 6) {
      throw piece.malformed(
          "piece %d of type %d; possible are 1 to 6".formatted(texts.size(), type));
    }
    if (Float.isNaN(score)) {
      throw piece.malformed("piece %d has a score that is no number".formatted(texts.size()));
    }
    int id = texts.size();
    Integer same = text.isEmpty() ? null : ids.putIfAbsent(text, id);
    if (same != null) {
      throw piece.malformed(
          "piece %d is '%s', as piece %d is; each must have its own"
              .formatted(id, Metadata.shortened(text), same));
    }
    if (id == types.length) {
      types = Arrays.copyOf(types, 2 * id);
      scores = Arrays.copyOf(scores, 2 * id);
    }
    types[id] = type; // a GGUF file has the same numbers
    scores[id] = score;
    texts.add(text);
  }

  private void readTrainer(ProtocolBuffer trainer) {
    for (int field = trainer.next(); field > 0; field = trainer.next()) {
      switch (field) {
        case 3 -> kind = trainer.integer();
        case 24 -> isSuffixed = trainer.integer() != 0;
        case 40 -> roles.put(SpecialToken.UNKNOWN, trainer.integer());
        case 41 -> roles.put(SpecialToken.BEGINNING_OF_SEQUENCE, trainer.integer());
        case 42 -> roles.put(SpecialToken.END_OF_SEQUENCE, trainer.integer());
        case 43 -> roles.put(SpecialToken.PADDING, trainer.integer());
        default -> trainer.skip();
      }
    }
  }

  private void readNormalizer(ProtocolBuffer rules) {
    for (int field = rules.next(); field > 0; field = rules.next()) {
      switch (field) {
        case 2 -> normalizer.put("tokenizer.ggml.precompiled_charsmap", rules.blob());
        case 3 -> normalizer.put("tokenizer.ggml.add_space_prefix", rules.integer() != 0);
        case 4 -> removesBlanks = rules.integer() != 0;
        case 5 -> escapesBlanks = rules.integer() != 0;
        default -> rules.skip();
      }
    }
  }

  private Map<String, Object> metadata() {
    if (kind != UNIGRAM && kind != BPE) {
      throw unsupported(
          "trainer_spec.model_type is %s; supported are UNIGRAM and BPE"
              .formatted(kind >= 1 && kind <= 4 ? KINDS.get((int) kind - 1) : kind));
    }
    if (isSuffixed) {
      throw unsupported("trainer_spec.treat_whitespace_as_suffix is true; supported is false");
    }
    if (!escapesBlanks) {
      throw unsupported("normalizer_spec.escape_whitespaces is false; supported is true");
    }
    Map<String, Object> metadata = new HashMap<>(normalizer);
    metadata.put(Metadata.MODEL, kind == UNIGRAM ? "t5" : "llama");
    metadata.put(Metadata.TOKENS, Utf8List.of(texts));
    metadata.put(Metadata.SCORES, Arrays.copyOf(scores, texts.size()));
    metadata.put(Metadata.TOKEN_TYPES, Arrays.copyOf(types, texts.size()));
    metadata.put("tokenizer.ggml.remove_extra_whitespaces", removesBlanks);
    roles.forEach((role, id) -> {
      if (id >= 0 && id < texts.size()) {
        metadata.put(role.key(), id);
      }
    });
    return metadata;
  }

  private UnsupportedTokenizerException unsupported(String what) {
    return new UnsupportedTokenizerException("%s: unsupported: %s".formatted(name, what));
  }
}

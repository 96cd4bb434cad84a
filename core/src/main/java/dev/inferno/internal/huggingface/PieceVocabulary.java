package dev.inferno.internal.huggingface;

import dev.inferno.format.MalformedModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The pieces of a SentencePiece `tokenizer.model`, a protocol buffer of which little else is read.
/// <https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto>
final class PieceVocabulary {
  private static final int PIECES = 1; // fields of the model
  private static final int NORMALIZER = 3;
  private static final int TEXT = 1; // fields of a piece
  private static final int SCORE = 2;
  private static final int TYPE = 3;
  private static final int DUMMY_PREFIX = 3; // a field of the normalizer

  private final String name;

  private PieceVocabulary(String name) {
    this.name = name;
  }

  /// A piece.
  ///
  /// @param text its text
  /// @param score which merges come first
  /// @param type as in `tokenizer.ggml.token_type`, which has the same numbers
  record Piece(String text, float score, long type) {}

  /// What is read.
  ///
  /// @param all the pieces in the order of their ids
  /// @param prependsBlank whether a text is given a blank to begin with
  record Pieces(List<Piece> all, boolean prependsBlank) {}

  /// Reads a file.
  ///
  /// @throws IOException if the file cannot be read
  /// @throws MalformedModelException if it breaks its format
  static Pieces read(Path file, String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    return new PieceVocabulary(name).pieces(bytes);
  }

  private Pieces pieces(ByteBuffer model) {
    List<Piece> pieces = new ArrayList<>();
    boolean prependsBlank = true;
    while (model.hasRemaining()) {
      long key = number(model);
      if (key == (PIECES << 3 | 2)) {
        pieces.add(piece(message(model)));
      } else if (key == (NORMALIZER << 3 | 2)) {
        prependsBlank = prependsBlank(message(model));
      } else {
        skip(key, model);
      }
    }
    if (pieces.isEmpty()) {
      throw malformed(0, "there are no pieces");
    }
    return new Pieces(pieces, prependsBlank);
  }

  private boolean prependsBlank(ByteBuffer normalizer) {
    boolean prependsBlank = true;
    while (normalizer.hasRemaining()) {
      long key = number(normalizer);
      if (key == (long) (DUMMY_PREFIX << 3)) {
        prependsBlank = number(normalizer) != 0;
      } else {
        skip(key, normalizer);
      }
    }
    return prependsBlank;
  }

  private Piece piece(ByteBuffer piece) {
    String text = "";
    float score = 0;
    long type = 1;
    while (piece.hasRemaining()) {
      long key = number(piece);
      if (key == (TEXT << 3 | 2)) {
        text = StandardCharsets.UTF_8.decode(message(piece)).toString();
      } else if (key == (SCORE << 3 | 5) && piece.remaining() >= Float.BYTES) {
        score = piece.getFloat();
      } else if (key == (long) (TYPE << 3)) {
        type = number(piece);
      } else {
        skip(key, piece);
      }
    }
    if (type < 1 || type > 6) {
      throw malformed(piece.position(), "a piece of type %d; possible are 1 to 6".formatted(type));
    }
    return new Piece(text, score, type);
  }

  private void skip(long key, ByteBuffer bytes) {
    long length =
        switch ((int) (key & 7)) {
          case 0 -> {
            number(bytes);
            yield 0;
          }
          case 1 -> Long.BYTES;
          case 2 -> {
            message(bytes);
            yield 0;
          }
          case 5 -> Integer.BYTES;
          default ->
              throw malformed(
                  bytes.position(),
                  "a field of wire type %d; possible are 0, 1, 2, 5".formatted(key & 7));
        };
    if (length > bytes.remaining()) {
      throw malformed(bytes.position(), "the file ends in the middle of a field");
    }
    bytes.position(bytes.position() + (int) length);
  }

  private ByteBuffer message(ByteBuffer bytes) {
    long length = number(bytes);
    if (length < 0 || length > bytes.remaining()) {
      throw malformed(
          bytes.position(),
          "a field of %d bytes, but %d are left".formatted(length, bytes.remaining()));
    }
    ByteBuffer message = bytes.slice(bytes.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(bytes.position() + (int) length);
    return message;
  }

  private long number(ByteBuffer bytes) {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE && bytes.hasRemaining(); shift += 7) {
      byte next = bytes.get();
      number |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw malformed(bytes.position(), "a number that does not end");
  }

  private MalformedModelException malformed(int at, String what) {
    return new MalformedModelException("%s: malformed near byte %d: %s".formatted(name, at, what));
  }
}

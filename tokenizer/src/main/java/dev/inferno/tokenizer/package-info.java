/// Text to token ids and back: byte-level and SentencePiece byte-pair encoding, unigram models and
/// WordPiece as model files carry them, special tokens, and decoding of a stream of tokens. Start
/// at {@link dev.inferno.tokenizer.Tokenizer}.
@NullMarked
package dev.inferno.tokenizer;

import org.jspecify.annotations.NullMarked;

package dev.inferno.tokenizer;

import java.util.Arrays;
import java.util.BitSet;

/// The tokens that stand for one byte each, written `<0xHH>`. Thread-safe.
///
/// @param ids for each byte its token, or -1
/// @param tokens which tokens they are
@SuppressWarnings("ArrayRecordComponent") // never compared
record ByteTokens(int[] ids, BitSet tokens) {

  static ByteTokens read(Vocabulary vocabulary) {
    int[] ids = new int[256];
    Arrays.fill(ids, -1);
    BitSet tokens = new BitSet();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.type(id) == TokenType.BYTE) {
        int octet = Vocabulary.octet(vocabulary.utf8(id));
        if (octet < 0) {
          throw Metadata.malformed(
              "%s: token %d is a byte, but is written '%s'; it must be from <0x00> to <0xFF>",
              Metadata.TOKENS, id, Metadata.shortened(vocabulary.text(id)));
        }
        ids[octet] = id;
        tokens.set(id);
      }
    }
    return new ByteTokens(ids, tokens);
  }
}

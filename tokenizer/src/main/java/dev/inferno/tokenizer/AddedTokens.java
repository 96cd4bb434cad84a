package dev.inferno.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The tokens that a model wants around every text.
///
/// @param first before the text
/// @param last after it
record AddedTokens(List<Integer> first, List<Integer> last) {

  AddedTokens {
    first = List.copyOf(first);
    last = List.copyOf(last);
  }

  /// What the file says, or else what its kind of tokenizer does.
  static AddedTokens read(
      Metadata metadata,
      Map<SpecialToken, Integer> ids,
      boolean addsBosByDefault,
      boolean addsEosByDefault,
      boolean addsSeparatorByDefault) {
    List<Integer> first = new ArrayList<>();
    List<Integer> last = new ArrayList<>();
    if (metadata.flag("tokenizer.ggml.add_bos_token", addsBosByDefault)) {
      add(ids, SpecialToken.BEGINNING_OF_SEQUENCE, first);
    }
    if (metadata.flag("tokenizer.ggml.add_eos_token", addsEosByDefault)) {
      add(ids, SpecialToken.END_OF_SEQUENCE, last);
    }
    if (metadata.flag("tokenizer.ggml.add_sep_token", addsSeparatorByDefault)) {
      add(ids, SpecialToken.SEPARATOR, last);
    }
    return new AddedTokens(first, last);
  }

  private static void add(Map<SpecialToken, Integer> ids, SpecialToken role, List<Integer> tokens) {
    Integer id = ids.get(role);
    if (id != null && !tokens.contains(id)) { // the end and the separator may be one token
      tokens.add(id);
    }
  }
}

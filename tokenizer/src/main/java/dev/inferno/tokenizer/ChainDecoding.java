package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Decoder;
import java.util.ArrayList;
import java.util.List;

/// Decodes by steps that see several tokens at once, whatever they are.
///
/// What is new is what the tokens since the last but one time give beyond those that were given out
/// last: these stay as context, since a token may have another text behind others than alone.
final class ChainDecoding implements Decoding {

  private static final char REPLACEMENT = '\uFFFD';

  private final Vocabulary vocabulary;
  private final Decoder steps;
  private List<String> tokens;

  /// How many of the tokens are given out, and their text.
  private int context;

  private String given;

  ChainDecoding(Vocabulary vocabulary, Decoder steps) {
    this.vocabulary = vocabulary;
    this.steps = steps;
    this.tokens = new ArrayList<>();
    this.given = "";
  }

  private ChainDecoding(ChainDecoding other) {
    this.vocabulary = other.vocabulary;
    this.steps = other.steps;
    this.tokens = new ArrayList<>(other.tokens);
    this.context = other.context;
    this.given = other.given;
  }

  @Override
  public Decoding copy() {
    return new ChainDecoding(this);
  }

  @Override
  public void append(int id) {
    if (!vocabulary.isHole(id)) {
      tokens.add(vocabulary.text(id));
    }
  }

  @Override
  public boolean isComplete() {
    String text = decoded(tokens);
    return text.length() > given.length() && text.charAt(text.length() - 1) != REPLACEMENT;
  }

  @Override
  public String take() {
    if (context == tokens.size()) {
      return "";
    }
    String text = decoded(tokens);
    int known = 0; // all that was given, unless what came later has changed it
    while (known < given.length()
        && known < text.length()
        && given.charAt(known) == text.charAt(known)) {
      known++;
    }
    String fresh = text.substring(known);
    if (!fresh.isEmpty()) {
      tokens = new ArrayList<>(tokens.subList(context, tokens.size()));
      given = decoded(tokens);
    }
    context = tokens.size();
    return fresh;
  }

  private String decoded(List<String> texts) {
    return texts.isEmpty() ? "" : String.join("", steps.decode(texts));
  }
}

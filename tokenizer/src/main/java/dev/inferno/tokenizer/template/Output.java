package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.List;

/// What statements write, and which of it an assistant is to have generated.
final class Output {
  private final Text.Builder text = new Text.Builder();
  private final List<RenderedChat.Span> generated = new ArrayList<>();

  void write(Text piece, Budget budget) {
    budget.characters(piece.value().length());
    text.append(piece);
  }

  int length() {
    return text.length();
  }

  void generated(int from) {
    generated.add(new RenderedChat.Span(from, text.length()));
  }

  Text text() {
    return text.build();
  }

  List<RenderedChat.Span> generated() {
    return generated;
  }
}

package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.List;

/// A prompt that a template has rendered, in pieces that say where they came from. Immutable.
///
/// What a user writes can hold the text of a control token. As the pieces of {@link #segments}
/// remember what came from input, such text need not be taken for one.
///
/// @param segments the text, in order, next to each other never two of one origin
/// @param generated what an assistant is to have generated, as the template's `generation` blocks
///   say, in UTF-16 units
public record RenderedChat(List<Segment> segments, List<Span> generated) {

  /// A piece of the prompt.
  ///
  /// @param isInput whether it came from what was to be rendered, and not from the template
  public record Segment(String text, boolean isInput) {}

  /// A part of the prompt.
  ///
  /// @param from its first UTF-16 unit
  /// @param to behind its last
  public record Span(int from, int to) {}

  /// A copy of these lists.
  public RenderedChat {
    segments = List.copyOf(segments);
    generated = List.copyOf(generated);
  }

  static RenderedChat of(Output output) {
    List<Segment> segments = new ArrayList<>();
    output.text().runs().forEach(run -> segments.add(new Segment(run.text(), run.isInput())));
    return new RenderedChat(segments, output.generated());
  }

  /// The whole prompt.
  public String text() {
    var text = new StringBuilder();
    segments.forEach(segment -> text.append(segment.text()));
    return text.toString();
  }

  /// The prompt up to the end of its last message, so that a model goes on with that instead of
  /// beginning another: without what the template puts behind it, blanks among it that it would
  /// strip.
  ///
  /// @param message the content of the last message
  /// @throws TemplateException if the template has not rendered it
  public RenderedChat continuing(String message) {
    String text = text();
    String stripped = strip(message, true, true);
    int at = text.lastIndexOf(stripped);
    if (at < 0) {
      throw TemplateException.value(
          "the last message cannot be continued: the template does not render it as it is");
    }
    String withEnd = strip(message, true, false);
    int whole = Math.min(text.length(), at + withEnd.length());
    boolean kept = text.substring(at, whole).equals(message);
    return until(kept ? whole : at + stripped.length());
  }

  private static String strip(String text, boolean left, boolean right) {
    return Strings.strip(Text.authored(text), null, left, right).value();
  }

  private RenderedChat until(int end) {
    List<Segment> kept = new ArrayList<>();
    int at = 0;
    for (Segment segment : segments) {
      int length = Math.min(segment.text().length(), end - at);
      if (length > 0) {
        kept.add(new Segment(segment.text().substring(0, length), segment.isInput()));
      }
      at += segment.text().length();
    }
    List<Span> spans = new ArrayList<>();
    for (Span span : generated) {
      if (span.from() < end) {
        spans.add(new Span(span.from(), Math.min(span.to(), end)));
      }
    }
    return new RenderedChat(kept, spans);
  }
}

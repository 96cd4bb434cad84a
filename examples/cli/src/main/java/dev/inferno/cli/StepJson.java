package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.tokenizer.EncodingStep;
import dev.inferno.tokenizer.Place;
import java.util.Locale;

/// How a text becomes tokens, as JSON: one object a step, places in bytes of UTF-8 and in chars.
final class StepJson {
  private StepJson() {}

  static ObjectNode of(EncodingStep step) {
    ObjectNode json = Json.object();
    switch (step) {
      case EncodingStep.Normalized(String text, Place place) ->
          put(json.put("step", "normalized").put("text", text), place);
      case EncodingStep.Piece(String text, Place place) ->
          put(json.put("step", "piece").put("text", text), place);
      case EncodingStep.Symbols start -> {
        ArrayNode symbols = json.put("step", "symbols").putArray("symbols");
        start.symbols().forEach(symbols::add);
      }
      case EncodingStep.Merge merge ->
          json.put("step", "merge")
              .put("left_at", merge.leftAt())
              .put("right_at", merge.rightAt())
              .put("left", merge.left())
              .put("right", merge.right())
              .put("merged", merge.merged())
              .put("rank", merge.rank());
      case EncodingStep.Candidate candidate ->
          json.put("step", "candidate")
              .put("id", candidate.id())
              .put("token", candidate.token())
              .put("start", candidate.start())
              .put("end", candidate.end())
              .put("score", candidate.score())
              .put("sum", candidate.sum())
              .put("best", candidate.isBest());
      case EncodingStep.Match(int id, String token, Place place) ->
          put(json.put("step", "match").put("id", id).put("token", token), place);
      case EncodingStep.Token token ->
          put(
              json.put("step", "token")
                  .put("index", token.index())
                  .put("id", token.id())
                  .put("token", token.token())
                  .put("origin", token.origin().name().toLowerCase(Locale.ROOT)),
              token.place());
      case EncodingStep.Dropped(Place place) -> put(json.put("step", "dropped"), place);
    }
    return json;
  }

  private static void put(ObjectNode json, Place place) {
    json.putArray("bytes").add(place.byteStart()).add(place.byteEnd());
    json.putArray("chars").add(place.charStart()).add(place.charEnd());
  }
}

package dev.inferno.internal.observe;

import dev.inferno.observe.Intervention;
import dev.inferno.observe.Intervention.Add;
import dev.inferno.observe.Intervention.Clamp;
import dev.inferno.observe.Intervention.CutEdge;
import dev.inferno.observe.Intervention.Fill;
import dev.inferno.observe.Intervention.Mask;
import dev.inferno.observe.Intervention.Mean;
import dev.inferno.observe.Intervention.Noise;
import dev.inferno.observe.Intervention.PatchIn;
import dev.inferno.observe.Intervention.ProjectOut;
import dev.inferno.observe.Intervention.Scale;
import dev.inferno.observe.Intervention.Shift;
import dev.inferno.observe.Intervention.Vector;
import dev.inferno.observe.Intervention.Zero;
import dev.inferno.observe.Patch;

/// Whether the numbers of an intervention are as many as its point has.
final class Fit {
  private Fit() {}

  /// Why an intervention does not fit rows of `whole` values, of which a head has `part`, and a
  /// vocabulary; or an empty string.
  static String misfit(Intervention intervention, int part, int whole, int vocabulary) {
    for (int neuron : intervention.neurons()) {
      if (neuron >= part) {
        return "neuron %d is beyond the %d values of %s, counted from 0"
            .formatted(neuron, part, part == whole ? "a row" : "a head");
      }
    }
    for (int token : intervention.tokens()) {
      if (token >= vocabulary) {
        return "token %d is not in the vocabulary, which has the ids 0 to %d"
            .formatted(token, vocabulary - 1);
      }
    }
    return switch (intervention.operation()) {
      case Zero(),
          Scale(_),
          Shift(_),
          Fill(_),
          Clamp(_, _),
          Noise(_, _),
          CutEdge(_),
          Intervention.Callback(_, _) ->
          "";
      case Mask() ->
          intervention.neurons().size() < part
              ? ""
              : "with all %d tokens masked none is left to choose".formatted(part);
      case Add(Vector vector) -> ofPartOrWhole(vector, part, whole);
      case Intervention.Set(Vector vector) -> ofPartOrWhole(vector, part, whole);
      case Mean(Vector vector) -> ofPartOrWhole(vector, part, whole);
      case ProjectOut(Vector direction) ->
          direction.length() == part
              ? ""
              : "the direction has %d numbers, but %s here has %d"
                  .formatted(direction.length(), part == whole ? "a row" : "a head", part);
      case PatchIn(Patch patch) ->
          patch.rowLength() == whole
              ? ""
              : "a row of the patch has %d numbers, but one here has %d"
                  .formatted(patch.rowLength(), whole);
    };
  }

  /// Why an intervention does not fit rows of attention, which have as many values as there are
  /// keys, or one if it is about a sink; or an empty string.
  ///
  /// @param size how many values a row has, 0 if that grows with the text
  static String misfitOfAttention(Intervention intervention, int size, int vocabulary) {
    int most = size == 0 ? Integer.MAX_VALUE : size;
    return switch (intervention.operation()) {
      case Zero(), Scale(_), Shift(_), Fill(_), Clamp(_, _), CutEdge(_) ->
          misfit(intervention, most, most, vocabulary);
      default ->
          "rows of attention are taken number by number; possible are zero, scale, add a number,"
              + " set to a number, clamp, and of scores cut";
    };
  }

  private static String ofPartOrWhole(Vector vector, int part, int whole) {
    if (vector.length() == part || vector.length() == whole) {
      return "";
    }
    return "the vector has %d numbers, but %s"
        .formatted(
            vector.length(),
            part == whole
                ? "a row here has " + whole
                : "a head has " + part + " and all heads " + whole);
  }
}

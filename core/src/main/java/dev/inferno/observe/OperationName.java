package dev.inferno.observe;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What JSON calls an operation, and the operands it has there. The constants are the names in
/// capitals.
enum OperationName {
  ZERO,
  SCALE,
  ADD,
  SET,
  MEAN,
  CLAMP,
  PROJECT_OUT,
  NOISE,
  PATCH,
  CUT,
  MASK;

  /// The name of an operation.
  ///
  /// @throws IllegalArgumentException if it has none, since it is code
  static OperationName of(Intervention.Operation operation) {
    return switch (operation) {
      case Intervention.Zero _ -> ZERO;
      case Intervention.Scale _ -> SCALE;
      case Intervention.Add _, Intervention.Shift _ -> ADD;
      case Intervention.Fill _, Intervention.Set _ -> SET;
      case Intervention.Mean _ -> MEAN;
      case Intervention.Clamp _ -> CLAMP;
      case Intervention.ProjectOut _ -> PROJECT_OUT;
      case Intervention.Noise _ -> NOISE;
      case Intervention.PatchIn _ -> PATCH;
      case Intervention.CutEdge _ -> CUT;
      case Intervention.Mask _ -> MASK;
      case Intervention.Callback(String name, _) ->
          throw new IllegalArgumentException(
              "the callback '" + name + "' is code and cannot be written as JSON");
    };
  }

  static Optional<OperationName> named(String json) {
    return Arrays.stream(values()).filter(name -> name.json().equals(json)).findFirst();
  }

  static List<String> all() {
    return Arrays.stream(values()).map(OperationName::json).toList();
  }

  String json() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The operands it must have.
  List<String> required() {
    return switch (this) {
      case ZERO, ADD, SET, MASK -> List.of();
      case SCALE -> List.of("factor");
      case MEAN -> List.of("vector");
      case CLAMP -> List.of("min", "max");
      case PROJECT_OUT -> List.of("direction");
      case NOISE -> List.of("sigma", "seed");
      case PATCH -> List.of("file", "array");
      case CUT -> List.of("key");
    };
  }

  /// The operands it may have.
  List<String> operands() {
    List<String> optional =
        switch (this) {
          case SET -> List.of("value", "vector"); // one of the two
          case ADD -> List.of("value", "vector", "factor"); // one of the first two
          case ZERO, SCALE, MEAN, CLAMP, PROJECT_OUT, NOISE, PATCH, CUT, MASK -> List.of();
        };
    return Stream.concat(required().stream(), optional.stream()).toList();
  }

  /// What the value of an operand is.
  static String type(String operand) {
    return switch (operand) {
      case "file", "array" -> "a string";
      case "vector", "direction" -> "an array of numbers";
      default -> "a number";
    };
  }
}

package dev.inferno.internal.huggingface;

import java.util.function.Predicate;

/// Where a tensor of a GGUF file comes from. `#` stands for the number of a layer, `%` for that of
/// an expert or a head.
///
/// @param source the name in the folder
/// @param name the name in GGUF
/// @param change what happens on the way
/// @param condition whether a folder with a `config.json` has such a tensor
/// @param layers which layers have it, if any has
record Row(String source, String name, Change change, Predicate<Config> condition, Layers layers) {

  /// Some of the layers.
  private enum Layers {
    ALL,
    /// The first ones, which have no experts.
    LEADING,
    /// Those behind these.
    BEHIND_LEADING
  }

  static Row of(String source, String name) {
    return of(source, name, Change.NONE);
  }

  static Row of(String source, String name, Change change) {
    return new Row(source, name, change, _ -> true, Layers.ALL);
  }

  /// There is such a tensor only if a key says yes: it is true, or a number that is not 0.
  Row onlyWith(String key) {
    return onlyIf(config -> config.says(key, false));
  }

  /// There is such a tensor unless a key says no.
  Row unlessWithout(String key) {
    return onlyIf(config -> config.says(key, true));
  }

  /// There is such a tensor unless a key says yes.
  Row onlyWithout(String key) {
    return onlyIf(config -> !config.says(key, false));
  }

  /// There is such a tensor only under a condition.
  Row onlyIf(Predicate<Config> other) {
    return new Row(source, name, change, other, layers);
  }

  /// There is such a tensor only in the first layers, which have no experts.
  Row leading() {
    return new Row(source, name, change, condition, Layers.LEADING);
  }

  /// There is such a tensor only in layers that have experts.
  Row behindLeading() {
    return new Row(source, name, change, condition, Layers.BEHIND_LEADING);
  }

  /// Whether a layer has the tensor, if any has.
  ///
  /// @param leading how many layers have no experts
  boolean isIn(int layer, long leading) {
    return switch (layers) {
      case ALL -> true;
      case LEADING -> layer < leading;
      case BEHIND_LEADING -> layer >= leading;
    };
  }

  boolean appliesTo(Config config) {
    return condition.test(config);
  }

  boolean perLayer() {
    return name.indexOf('#') >= 0;
  }

  /// The same for one layer.
  Row at(int layer) {
    String number = Integer.toString(layer);
    return new Row(
        source.replace("#", number), name.replace("#", number), change, condition, layers);
  }

  /// Where the part of an expert or a head comes from.
  String part(int number) {
    return source.replace("%", Integer.toString(number));
  }
}

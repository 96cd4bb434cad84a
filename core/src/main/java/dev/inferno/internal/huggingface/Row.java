package dev.inferno.internal.huggingface;

import java.util.function.Predicate;

/// Where a tensor of a GGUF file comes from. `#` stands for the number of a layer, `%` for that of
/// an expert or a head.
///
/// @param source the name in the folder
/// @param name the name in GGUF
/// @param change what happens on the way
/// @param condition whether a folder with a `config.json` has such a tensor
record Row(String source, String name, Change change, Predicate<Config> condition) {

  static Row of(String source, String name) {
    return of(source, name, Change.NONE);
  }

  static Row of(String source, String name, Change change) {
    return new Row(source, name, change, _ -> true);
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
    return new Row(source, name, change, other);
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
    return new Row(source.replace("#", number), name.replace("#", number), change, condition);
  }

  /// Where the part of an expert or a head comes from.
  String part(int number) {
    return source.replace("%", Integer.toString(number));
  }
}

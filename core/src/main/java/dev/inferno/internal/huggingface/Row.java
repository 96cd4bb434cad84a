package dev.inferno.internal.huggingface;

/// Where a tensor of a GGUF file comes from. `#` stands for the number of a layer, `%` for that of
/// an expert or a head.
///
/// @param source the name in the folder
/// @param name the name in GGUF
/// @param change what happens on the way
/// @param presence when there is such a tensor
/// @param key the key of `config.json` that says whether there is; empty for always
record Row(String source, String name, Change change, Presence presence, String key) {

  /// When there is a tensor.
  private enum Presence {
    ALWAYS,
    /// If a key says yes.
    WITH,
    /// Unless a key says no.
    UNLESS_WITHOUT,
    /// Unless a key says yes.
    WITHOUT
  }

  static Row of(String source, String name) {
    return of(source, name, Change.NONE);
  }

  static Row of(String source, String name, Change change) {
    return new Row(source, name, change, Presence.ALWAYS, "");
  }

  /// There is such a tensor only if a key says yes: it is true, or a number that is not 0.
  Row onlyWith(String key) {
    return new Row(source, name, change, Presence.WITH, key);
  }

  /// There is such a tensor unless a key says no.
  Row unlessWithout(String key) {
    return new Row(source, name, change, Presence.UNLESS_WITHOUT, key);
  }

  /// There is such a tensor unless a key says yes.
  Row onlyWithout(String key) {
    return new Row(source, name, change, Presence.WITHOUT, key);
  }

  boolean appliesTo(Config config) {
    return switch (presence) {
      case ALWAYS -> true;
      case WITH -> config.says(key, false);
      case UNLESS_WITHOUT -> config.says(key, true);
      case WITHOUT -> !config.says(key, false);
    };
  }

  boolean perLayer() {
    return name.indexOf('#') >= 0;
  }

  /// The same for one layer.
  Row at(int layer) {
    String number = Integer.toString(layer);
    return new Row(source.replace("#", number), name.replace("#", number), change, presence, key);
  }

  /// Where the part of an expert or a head comes from.
  String part(int number) {
    return source.replace("%", Integer.toString(number));
  }
}

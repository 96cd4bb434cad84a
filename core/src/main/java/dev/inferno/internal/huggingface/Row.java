package dev.inferno.internal.huggingface;

/// Where a tensor of a GGUF file comes from. `#` stands for the number of a layer, `%` for that of
/// an expert.
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
    WITHOUT,
    /// In the first layers, which have no experts.
    LEADING,
    /// In the layers behind these.
    BEHIND_LEADING
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

  /// There is such a tensor only in the first layers, which have no experts.
  Row leading() {
    return new Row(source, name, change, Presence.LEADING, key);
  }

  /// There is such a tensor only in layers that have experts.
  Row behindLeading() {
    return new Row(source, name, change, Presence.BEHIND_LEADING, key);
  }

  /// Whether a layer has the tensor, if any has.
  ///
  /// @param leading how many layers have no experts
  boolean isIn(int layer, long leading) {
    return switch (presence) {
      case LEADING -> layer < leading;
      case BEHIND_LEADING -> layer >= leading;
      case ALWAYS, WITH, UNLESS_WITHOUT, WITHOUT -> true;
    };
  }

  boolean appliesTo(Config config) {
    return switch (presence) {
      case ALWAYS, LEADING, BEHIND_LEADING -> true;
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

  String expert(int number) {
    return source.replace("%", Integer.toString(number));
  }
}

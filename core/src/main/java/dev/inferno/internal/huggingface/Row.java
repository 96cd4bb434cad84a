package dev.inferno.internal.huggingface;

/// Where a tensor of a GGUF file comes from. `#` stands for the number of a layer, `%` for that of
/// an expert.
///
/// @param source the name in the folder
/// @param name the name in GGUF
/// @param change what happens on the way
/// @param flag the key of `config.json` that says whether there is such a tensor; empty for always
/// @param flagAbsent what a file means that has no such key
record Row(String source, String name, Change change, String flag, boolean flagAbsent) {

  static Row of(String source, String name) {
    return new Row(source, name, Change.NONE, "", false);
  }

  static Row of(String source, String name, Change change) {
    return new Row(source, name, change, "", false);
  }

  Row onlyWith(String key) {
    return new Row(source, name, change, key, false);
  }

  Row unlessWithout(String key) {
    return new Row(source, name, change, key, true);
  }

  boolean perLayer() {
    return name.indexOf('#') >= 0;
  }

  /// The same for one layer.
  Row at(int layer) {
    String number = Integer.toString(layer);
    return new Row(
        source.replace("#", number), name.replace("#", number), change, flag, flagAbsent);
  }

  String expert(int number) {
    return source.replace("%", Integer.toString(number));
  }
}

package dev.inferno.internal.huggingface;

import java.util.LinkedHashMap;
import java.util.Map;

/// The metadata of a GGUF file as it grows, and which key of `config.json` each value came from.
/// For one thread.
final class Metadata {
  private final String architecture;
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();

  Metadata(String architecture, String source) {
    this.architecture = architecture;
    values.put("general.architecture", architecture);
    sources.put("general.architecture", source);
  }

  /// Sets `ARCHITECTURE.KEY` to a Long, Double, Boolean or String.
  void set(String key, String source, Object value) {
    values.put(full(key), value);
    sources.put(full(key), source);
  }

  boolean has(String key) {
    return values.containsKey(full(key));
  }

  long count(String key) {
    return values.get(full(key)) instanceof Long count ? count : 0;
  }

  double real(String key) {
    return values.get(full(key)) instanceof Double real ? real : 0;
  }

  String architecture() {
    return architecture;
  }

  private String full(String key) {
    return architecture + "." + key;
  }

  Map<String, Object> values() {
    return values;
  }

  /// The key of `config.json` behind a key of GGUF.
  String source(String key) {
    return sources.getOrDefault(key, key);
  }
}

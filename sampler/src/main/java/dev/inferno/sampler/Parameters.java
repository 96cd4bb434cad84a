package dev.inferno.sampler;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The parameters of a stage, which keep the order in which they are written.
final class Parameters {
  private Parameters() {}

  /// An immutable map of names, each followed by its value.
  static Map<String, Object> inOrder(Object... namesAndValues) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return Collections.unmodifiableMap(parameters);
  }
}

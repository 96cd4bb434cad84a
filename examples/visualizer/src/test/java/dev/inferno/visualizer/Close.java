package dev.inferno.visualizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Compares JSON of the wire: all but times, floats within a tolerance.
///
/// @param tolerance absolute, and relative besides
/// @param candidates how many of a list of candidates are compared by value
record Close(double tolerance, int candidates) {
  private static final Set<String> LISTS_OF_CANDIDATES = Set.of("candidates", "best");

  void assertSame(String path, JsonNode expected, JsonNode actual) {
    String name = path.substring(path.lastIndexOf('.') + 1);
    if (name.endsWith("Nanos") || name.equals("nanos")) {
      assertThat(actual.isIntegralNumber()).as(path).isTrue();
    } else if (expected.isFloatingPointNumber()) {
      double value = expected.doubleValue();
      assertThat(actual.doubleValue())
          .as(path)
          .isCloseTo(value, within(tolerance * (1 + Math.abs(value))));
    } else if (expected.isObject()) {
      assertThat(fields(actual)).as(path).isEqualTo(fields(expected));
      for (Map.Entry<String, JsonNode> field : expected.properties()) {
        assertSame(path + "." + field.getKey(), field.getValue(), actual.get(field.getKey()));
      }
    } else if (expected.isArray()) {
      assertThat(actual).as(path).hasSameSizeAs(expected);
      int most = LISTS_OF_CANDIDATES.contains(name) ? candidates : Integer.MAX_VALUE;
      for (int i = 0; i < Math.min(most, expected.size()); i++) {
        assertSame(path + "[" + i + "]", expected.get(i), actual.get(i));
      }
    } else {
      assertThat(actual).as(path).isEqualTo(expected);
    }
  }

  private static List<String> fields(JsonNode node) {
    return node.propertyStream().map(Map.Entry::getKey).toList();
  }
}

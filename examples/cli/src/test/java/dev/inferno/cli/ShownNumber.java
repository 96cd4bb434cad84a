package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads numbers back as the page writes them: `99.94 %`, `4.1·10⁻⁵ %`, `0.21 ms`.
final class ShownNumber {
  private static final Pattern FORM =
      Pattern.compile("(-?\\d+(?:\\.(\\d+))?(?:e[-+]\\d+)?)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?( %| ms| µs)?");
  private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  private static final Map<String, Double> UNITS = Map.of(" %", 1e-2, " ms", 1e6, " µs", 1e3);
  private static final double ALMOST_ONE =
      0.99995; // what a percentage would be rounded to 100 from

  private ShownNumber() {}

  /// Whether a text is a value, rounded to the digits that the text has.
  static boolean isOf(String text, JsonNode value) {
    if (value.isTextual()) { // an integer of 64 bits, or one that is not finite
      return text.equals(value.asText().replace("Infinity", "∞"));
    }
    double exact = value.asDouble();
    if (text.equals("> 99.99 %")) {
      return exact > ALMOST_ONE && exact < 1;
    }
    if (text.equals("none")) {
      return exact == 0;
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return false;
    }
    double unit = form.group(4) == null ? 1 : UNITS.getOrDefault(form.group(4), Double.NaN);
    double scale = unit * (form.group(3) == null ? 1 : Math.pow(10, exponent(form.group(3))));
    int digits = form.group(2) == null ? 0 : form.group(2).length();
    double half = text.contains("e") ? 0 : 0.5 * Math.pow(10, -digits) * scale;
    double shown = Double.parseDouble(form.group(1)) * scale;
    return Math.abs(shown - exact) <= half * (1 + 1e-6) + Math.ulp(exact);
  }

  private static int exponent(String raised) {
    int sign = raised.startsWith("⁻") ? -1 : 1;
    int number = 0;
    for (char digit : raised.replace("⁻", "").toCharArray()) {
      number = 10 * number + RAISED.indexOf(digit);
    }
    return sign * number;
  }
}

package dev.inferno.tokenizer.template;

import org.jspecify.annotations.Nullable;

/// `text.format(...)` with places `{}`, `{0}` and `{name}`, without format specifications.
final class BraceFormat {
  private BraceFormat() {}

  static Text format(Text text, Arguments arguments, Frame frame) {
    String value = text.value();
    var builder = new Text.Builder();
    int next = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c == '{' || c == '}') && i + 1 < value.length() && value.charAt(i + 1) == c) {
        builder.append(text.substring(i, ++i));
      } else if (c == '{') {
        int end = value.indexOf('}', i);
        if (end < 0) {
          throw TemplateException.value("expected '}' before end of string");
        }
        String place = value.substring(i + 1, end);
        if (place.chars().anyMatch(each -> ":!.[".indexOf(each) >= 0)) {
          throw TemplateException.limit(
              "the place '{%s}' of format() asks for more than a value; possible are {}, {0} and {name}, without ':', '!', '.' and '['; the filter 'format' and '%%' have '%%d' and the like",
              place);
        }
        if (place.isEmpty()) {
          place = Integer.toString(next++);
        }
        Text piece = Types.print(argument(place, arguments));
        frame.budget().characters(piece.value().length());
        builder.append(piece);
        i = end;
      } else if (c == '}') {
        throw TemplateException.value("Single '}' encountered in format string");
      } else {
        builder.append(text.substring(i, i + 1));
      }
    }
    return builder.build();
  }

  private static @Nullable Object argument(String place, Arguments arguments) {
    if (place.chars().allMatch(c -> c >= '0' && c <= '9') && place.length() < 6) {
      int index = Integer.parseInt(place);
      if (index >= arguments.positional().size()) {
        throw new TemplateException(
            "IndexError",
            "Replacement index %d out of range for positional args tuple".formatted(index));
      }
      return arguments.positional().get(index);
    }
    if (!arguments.named().containsKey(place)) {
      throw new TemplateException("KeyError", "'" + place + "'");
    }
    return arguments.named().get(place);
  }
}

package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments of a call.
///
/// @param callee its name, for messages
record Arguments(
    String callee, List<@Nullable Object> positional, Map<String, @Nullable Object> named) {

  /// The arguments by these parameters' names; each that is not given is absent from the result.
  Map<String, @Nullable Object> bind(String... names) {
    if (positional.size() > names.length) {
      throw TemplateException.type(
          "%s() takes at most %d arguments (%d given)", callee, names.length, positional.size());
    }
    Map<String, @Nullable Object> bound = new LinkedHashMap<>();
    for (int i = 0; i < positional.size(); i++) {
      bound.put(names[i], positional.get(i));
    }
    named.forEach((name, value) -> {
      if (!List.of(names).contains(name)) {
        throw TemplateException.type("%s() got an unexpected keyword argument '%s'", callee, name);
      }
      if (bound.containsKey(name)) {
        throw TemplateException.type("%s() got multiple values for argument '%s'", callee, name);
      }
      bound.put(name, value);
    });
    return bound;
  }

  /// The one argument of a call that has no other.
  @Nullable Object only() {
    if (positional.size() != 1 || !named.isEmpty()) {
      throw TemplateException.type(
          "%s() takes exactly one argument (%d given)", callee, positional.size() + named.size());
    }
    return positional.getFirst();
  }

  /// The one positional argument of a call that may have named ones.
  @Nullable Object onlyPositional() {
    if (positional.size() != 1) {
      throw TemplateException.type(
          "%s expected at most 1 argument, got %d", callee, positional.size());
    }
    return positional.getFirst();
  }

  /// The first argument.
  @Nullable Object first() {
    if (positional.isEmpty()) {
      throw TemplateException.type("%s() missing 1 required positional argument", callee);
    }
    return positional.getFirst();
  }

  /// All but the first argument.
  Arguments rest(String callee) {
    return new Arguments(callee, new ArrayList<>(positional.subList(1, positional.size())), named);
  }
}

package dev.inferno.tokenizer.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A macro, which sees the names around its definition. What it writes is its result.
record Macro(Statement.Body body, Frame defined) implements Callable {

  @Override
  public Object call(Arguments arguments, Frame frame) {
    var output = new Output();
    Frame scope = defined.inner(output);
    Map<String, @Nullable Object> named = new LinkedHashMap<>(arguments.named());
    List<@Nullable Object> positional = arguments.positional();
    List<Statement.Parameter> parameters = body.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      Statement.Parameter parameter = parameters.get(i);
      boolean isNamed = named.containsKey(parameter.name());
      if (i < positional.size()) {
        if (isNamed) {
          throw TemplateException.type(
              "macro '%s' got multiple values for argument '%s'", body.name(), parameter.name());
        }
        scope.set(parameter.name(), positional.get(i));
      } else if (isNamed) {
        scope.set(parameter.name(), named.remove(parameter.name()));
      } else if (parameter.absent() != null) {
        scope.set(parameter.name(), parameter.absent().value(scope));
      } else {
        scope.set(
            parameter.name(), Undefined.of("parameter '%s' was not provided", parameter.name()));
      }
    }
    takeRest(positional, named, scope);
    frame.budget().enter();
    body.statements().run(scope);
    frame.budget().leave();
    return output.text();
  }

  private void takeRest(
      List<@Nullable Object> positional, Map<String, @Nullable Object> named, Frame scope) {
    int parameters = body.parameters().size();
    List<Object> rest = new ArrayList<>();
    for (int i = parameters; i < positional.size(); i++) {
      rest.add(positional.get(i));
    }
    if (named.containsKey("caller")) {
      scope.set("caller", named.remove("caller"));
    }
    var more = new Dict();
    named.forEach((name, value) -> more.put(Text.authored(name), value));
    scope.set("varargs", new Tuple(rest));
    scope.set("kwargs", more);
    if (!rest.isEmpty() && !body.takesMore()) {
      throw TemplateException.type(
          "macro '%s' takes not more than %d argument(s)", body.name(), parameters);
    }
    if (!named.isEmpty() && !body.takesNamed()) {
      throw TemplateException.type(
          "macro '%s' takes no keyword argument '%s'",
          body.name(), named.keySet().iterator().next());
    }
  }
}

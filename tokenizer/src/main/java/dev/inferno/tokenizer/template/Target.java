package dev.inferno.tokenizer.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a value is assigned to.
sealed interface Target {

  void assign(@Nullable Object value, Frame frame);

  /// A name in the innermost scope.
  record ToName(String name) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      frame.set(name, value);
    }
  }

  /// A name in a namespace.
  record InNamespace(String namespace, String name) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      if (!(frame.get(namespace) instanceof Namespace found)) {
        throw TemplateException.runtime("cannot assign attribute on non-namespace object");
      }
      found.values().put(name, value);
    }
  }

  /// Several, each of which gets an item of the value.
  record ToSeveral(List<Target> targets) implements Target {
    @Override
    public void assign(@Nullable Object value, Frame frame) {
      List<Object> items = Types.list(value, frame);
      if (items.size() != targets.size()) {
        throw TemplateException.value(
            items.size() > targets.size()
                ? "too many values to unpack (expected %d)"
                : "not enough values to unpack (expected %d, got %d)",
            targets.size(),
            items.size());
      }
      for (int i = 0; i < items.size(); i++) {
        targets.get(i).assign(items.get(i), frame);
      }
    }
  }
}

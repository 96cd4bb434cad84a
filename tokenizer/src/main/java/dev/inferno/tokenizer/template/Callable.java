package dev.inferno.tokenizer.template;

import org.jspecify.annotations.Nullable;

/// Something that a template can call: a global function, a method bound to its object, a macro.
interface Callable {
  @Nullable Object call(Arguments arguments, Frame frame);
}

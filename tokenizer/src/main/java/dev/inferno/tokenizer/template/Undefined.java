package dev.inferno.tokenizer.template;

/// A value that is not there. It prints as nothing, is false and empty; whoever computes with it
/// gets its message.
///
/// @param kind of the error that using it is
record Undefined(String kind, String message) {

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  static Undefined of(String message, Object... values) {
    return new Undefined("UndefinedError", message.formatted(values));
  }

  TemplateException failure() {
    return new TemplateException(kind, message);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override
  public int hashCode() {
    return 0;
  }
}

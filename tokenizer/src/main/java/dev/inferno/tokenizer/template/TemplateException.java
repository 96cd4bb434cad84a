package dev.inferno.tokenizer.template;

/// A template cannot be read, or refuses or fails to render what it was given. The message says
/// what Python would, with the line of the template.
@SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String kind;

  TemplateException(String kind, String message) {
    super(message);
    this.kind = kind;
  }

  /// The kind of error, by its name in Python: `TemplateSyntaxError`, `UndefinedError`,
  /// `TypeError`, `SecurityError`, ...; `raise_exception` where the template itself refuses.
  public String kind() {
    return kind;
  }

  /// Whether the template itself refuses what it was given, by `raise_exception`.
  public boolean isRefusal() {
    return kind.equals(REFUSAL);
  }

  static final String REFUSAL = "raise_exception";

  static TemplateException type(String message, Object... values) {
    return new TemplateException("TypeError", message.formatted(values));
  }

  static TemplateException value(String message, Object... values) {
    return new TemplateException("ValueError", message.formatted(values));
  }

  static TemplateException runtime(String message, Object... values) {
    return new TemplateException("TemplateRuntimeError", message.formatted(values));
  }

  /// More than a template may do.
  static TemplateException limit(String message, Object... values) {
    return new TemplateException("OverflowError", message.formatted(values));
  }
}

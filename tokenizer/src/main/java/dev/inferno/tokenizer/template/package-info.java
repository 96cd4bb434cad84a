/// Chat templates: a small interpreter of the Jinja language, with Python's semantics, as published
/// models use it. Rendered text remembers which of it was input.
@org.jspecify.annotations.NullMarked
package dev.inferno.tokenizer.template;

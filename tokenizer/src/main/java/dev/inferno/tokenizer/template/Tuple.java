package dev.inferno.tokenizer.template;

import java.util.List;

/// A tuple of values, nulls among them.
record Tuple(List<Object> items) {}

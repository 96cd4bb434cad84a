package dev.inferno.tokenizer.template;

import java.util.HashMap;
import java.util.Map;

/// What `namespace()` makes: names whose values can be set from within loops.
record Namespace(Map<String, Object> values) {
  Namespace() {
    this(new HashMap<>());
  }
}

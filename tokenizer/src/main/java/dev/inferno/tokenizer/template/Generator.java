package dev.inferno.tokenizer.template;

import java.util.Iterator;

/// Values that come one after the other, once, and have no length.
record Generator(Iterator<Object> iterator) {}

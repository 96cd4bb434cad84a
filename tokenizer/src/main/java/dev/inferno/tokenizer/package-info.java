/// Tokenizer
@org.jspecify.annotations.NullMarked
package dev.inferno.tokenizer;

/// Shows how a text becomes tokens.
@org.jspecify.annotations.NullMarked
package dev.inferno.tokens;

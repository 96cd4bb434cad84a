/// What a model file says, as validated plain data.
@org.jspecify.annotations.NullMarked
package dev.inferno.format;

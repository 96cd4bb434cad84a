/// Tests of writing model files.
@org.jspecify.annotations.NullMarked
package dev.inferno.convert;

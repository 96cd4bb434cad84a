/// Tests of the blocks that models share, against plain arithmetic in doubles.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.nn;

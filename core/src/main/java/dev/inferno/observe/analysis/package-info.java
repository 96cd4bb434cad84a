/// What can be computed from observed values alone: pure functions over plain arrays, without a
/// model. Sums are in double precision. Arrays are row-major, as {@link
/// dev.inferno.observe.TensorView#copy} gives them, and are never changed.
@org.jspecify.annotations.NullMarked
package dev.inferno.observe.analysis;

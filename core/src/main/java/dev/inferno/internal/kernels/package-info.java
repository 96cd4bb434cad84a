/// The arithmetic: a door that checks sizes, a scalar twin, a vector twin, the choice between them,
/// the layouts of weights, and the worker team. The only package that names `jdk.incubator.vector`.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.kernels;

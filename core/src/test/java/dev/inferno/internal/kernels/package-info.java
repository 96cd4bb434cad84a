/// Tests of the kernels, the weights and the team.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.kernels;

/// Tests of the block formats, and block data for the tests of kernels.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.quant;

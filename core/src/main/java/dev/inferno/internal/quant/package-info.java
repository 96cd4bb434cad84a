/// One file for each of ggml's block formats: layout, reference decode, plain dot product.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.quant;

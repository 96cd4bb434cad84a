/// One file for each of ggml's block formats: layout, reference decode, plain dot product, and for
/// most the encoding.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.quant;

/// The GGUF format: untrusted bytes in, validated plain data out.
/// <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.gguf;

/// The safetensors format: untrusted bytes in, validated tensors out, and back.
/// <https://github.com/huggingface/safetensors>
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.safetensors;

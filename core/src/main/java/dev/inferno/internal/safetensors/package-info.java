/// The safetensors format: untrusted bytes in, validated tensors out.
/// <https://github.com/huggingface/safetensors>
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.safetensors;

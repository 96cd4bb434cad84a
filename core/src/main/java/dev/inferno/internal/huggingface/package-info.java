/// What Hugging Face's tools write, seen as the GGUF that llama.cpp's converter would make of it.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.huggingface;

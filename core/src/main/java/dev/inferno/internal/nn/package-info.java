/// Blocks that models share exactly: norms, RoPE, attention, KV cache, feed-forward, and the batch
/// they work on.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.nn;

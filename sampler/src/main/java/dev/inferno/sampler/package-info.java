/// Sampler
@org.jspecify.annotations.NullMarked
package dev.inferno.sampler;

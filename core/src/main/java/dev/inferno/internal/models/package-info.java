/// One file per architecture that reads like its paper, and the list of architectures.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.models;

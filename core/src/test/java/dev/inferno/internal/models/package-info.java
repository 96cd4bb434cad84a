/// Tests of how models are read.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.models;

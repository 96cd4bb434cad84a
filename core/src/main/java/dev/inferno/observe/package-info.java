/// What can be watched and changed while a model runs.
@org.jspecify.annotations.NullMarked
package dev.inferno.observe;

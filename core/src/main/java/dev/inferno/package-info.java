/// The front door: load a model, open a session, generate.
@org.jspecify.annotations.NullMarked
package dev.inferno;

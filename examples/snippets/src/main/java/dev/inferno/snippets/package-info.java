/// The examples of the README and the guides: each class is a program that takes the path of a GGUF
/// file.
@org.jspecify.annotations.NullMarked
package dev.inferno.snippets;

/// The arrows of docs/ARCHITECTURE.md, as tests.
@org.jspecify.annotations.NullMarked
package dev.inferno.architecture;

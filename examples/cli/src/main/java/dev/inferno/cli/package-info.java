/// The command line: one class per command, the streams they share, and what a failure looks like.
@org.jspecify.annotations.NullMarked
package dev.inferno.cli;

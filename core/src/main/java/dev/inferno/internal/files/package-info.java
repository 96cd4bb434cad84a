/// Opening files to read, and replacing files as a whole.
@org.jspecify.annotations.NullMarked
package dev.inferno.internal.files;

/// Tests of the front door.
@org.jspecify.annotations.NullMarked
package dev.inferno;

/// Model files made from others, in smaller types, or from random numbers.
@org.jspecify.annotations.NullMarked
package dev.inferno.convert;

/// Tests of the analyses, against examples computed by hand or by a plain twin.
@org.jspecify.annotations.NullMarked
package dev.inferno.observe.analysis;

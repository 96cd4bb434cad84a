/// What the tests of core share: fixtures, goldens, JSON.
@org.jspecify.annotations.NullMarked
package dev.inferno.testing;

package dev.inferno.internal.kernels;

import java.util.concurrent.atomic.AtomicInteger;

/// How many threads the shared team is to have: what was requested, else the property
/// `inferno.threads`, else the number of available processors.
final class TeamSize {
  static final int HIGHEST = 1024;
  private static final String PROPERTY = "inferno.threads";
  private static final AtomicInteger REQUESTED = new AtomicInteger();

  private TeamSize() {}

  static void request(int size) {
    REQUESTED.set(size);
  }

  /// @throws IllegalArgumentException if the property is no possible size
  static int size() {
    int requested = REQUESTED.get();
    return requested > 0 ? requested : ofProperty(System.getProperty(PROPERTY, ""));
  }

  /// The same for a place that cannot throw: an impossible property counts as none.
  static int sizeOrDefault() {
    try {
      return size();
    } catch (IllegalArgumentException e) {
      return ofProperty("");
    }
  }

  static int ofProperty(String value) {
    int processors = Math.min(Runtime.getRuntime().availableProcessors(), HIGHEST);
    if (value.isEmpty()) {
      return processors;
    }
    try {
      int size = Integer.parseInt(value);
      if (size >= 1 && size <= HIGHEST) {
        return size;
      }
    } catch (NumberFormatException e) {
      // reported below, like a number out of range
    }
    throw new IllegalArgumentException(
        "the property " + PROPERTY + " must be 1 to " + HIGHEST + ", but is '" + value + "'");
  }
}

package dev.inferno.internal.models;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;

/// The metadata keys of an architecture, behind its prefix, each value checked when it is taken.
record MetadataKeys(ModelFile file, String prefix) {
  private static final int WIDEST = 1 << 21; // a chunk of such rows is still one array

  /// Refuses rows so wide that their sizes would overflow.
  void requireModest(String key, long width) {
    if (width > WIDEST) {
      throw malformed(
          key, "makes rows of %d numbers; possible are up to %d".formatted(width, WIDEST));
    }
  }

  MalformedModelException malformed(String key, String what) {
    return new MalformedModelException(
        "%s: malformed: %s %s".formatted(file.name(), file.keyName(prefix + key), what));
  }

  boolean has(String key) {
    return file.metadata().containsKey(prefix + key);
  }

  int count(String key, int least, int most) {
    return checked(key, file.requiredInteger(prefix + key), least, most);
  }

  int count(String key, int least, int most, int absent) {
    return checked(key, file.integer(prefix + key).orElse(absent), least, most);
  }

  private int checked(String key, long value, int least, int most) {
    if (value < least || value > most) {
      throw malformed(key, "is %d; possible are %d to %d".formatted(value, least, most));
    }
    return (int) value;
  }

  /// A number that may be written once or once per layer, then always the same.
  int perLayer(String key, int layers, int absent) {
    return has(key) ? perLayer(key, layers) : absent;
  }

  int perLayer(String key, int layers) {
    if (!(file.metadata().get(prefix + key) instanceof long[] values)) {
      return count(key, 1, 1 << 24);
    }
    if (values.length != layers) {
      throw malformed(key, "has %d entries for %d layers".formatted(values.length, layers));
    }
    for (long value : values) {
      if (value != values[0]) {
        throw new UnsupportedModelException(
            "%s: unsupported: %s%s differs between layers (%d, %d); supported is one value for all"
                .formatted(file.name(), prefix, key, values[0], value));
      }
    }
    return checked(key, values[0], 1, 1 << 24);
  }

  /// Whether a layer has a sliding window: as the file lists them, or all but every so many-th.
  ///
  /// @param every how often a layer has none where the file does not say; 0 for never
  boolean windowed(int layer, int layers, int every) {
    String key = "attention.sliding_window_pattern";
    if (file.metadata().get(prefix + key) instanceof boolean[] listed) {
      if (listed.length != layers) {
        throw malformed(key, "has %d entries for %d layers".formatted(listed.length, layers));
      }
      return listed[layer];
    }
    int without = count(key, 0, 65_536, every);
    return without == 0 || (layer + 1) % without != 0;
  }

  double positive(String key) {
    return positive(key, file.requiredReal(prefix + key));
  }

  double positive(String key, double absent) {
    double value = file.real(prefix + key).orElse(absent);
    if (!(value > 0) || Double.isInfinite(value)) {
      throw malformed(key, "is %s; possible are positive numbers".formatted(value));
    }
    return value;
  }

  boolean flag(String key, boolean absent) {
    Object value = file.metadata().getOrDefault(prefix + key, absent);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw malformed(key, "is %s; possible are true and false".formatted(value));
  }

  String text(String key, String absent) {
    return file.string(prefix + key).orElse(absent);
  }
}

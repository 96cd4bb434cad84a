package dev.inferno.internal.quant;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/// The groups of values that a format's places stand for: ggml's tables, a signed byte a value, in
/// a resource that is read when it is first needed. Thread-safe.
final class Codebook {
  private final String name;
  private final int group;
  private volatile byte @Nullable [] values;

  /// @param name of the resource, without its ending
  /// @param group how many values a place stands for
  Codebook(String name, int group) {
    this.name = name;
    this.group = group;
  }

  /// Decodes a group, each value negative where its bit, the lowest first, is 1.
  void signed(int place, int signs, float scale, float[] out, int at) {
    byte[] values = values();
    for (int j = 0; j < group; j++) {
      float value = scale * values[place * group + j];
      out[at + j] = (signs >>> j & 1) == 0 ? value : -value;
    }
  }

  /// Decodes a group whose values are all moved before they are scaled.
  void shifted(int place, float shift, float scale, float[] out, int at) {
    byte[] values = values();
    for (int j = 0; j < group; j++) {
      out[at + j] = scale * (values[place * group + j] + shift);
    }
  }

  /// Eight signs from seven: an even number of them is negative.
  static int evenSigns(int seven) {
    return seven | (Integer.bitCount(seven) & 1) << 7;
  }

  private byte[] values() {
    byte[] known = values;
    if (known == null) {
      known = read(); // by several threads at worst, with the same outcome
      values = known;
    }
    return known;
  }

  private byte[] read() {
    try (InputStream in = Codebook.class.getResourceAsStream(name + ".codebook")) {
      if (in == null) {
        throw new IllegalStateException("the resource %s.codebook is missing".formatted(name));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource %s.codebook".formatted(name), e);
    }
  }
}

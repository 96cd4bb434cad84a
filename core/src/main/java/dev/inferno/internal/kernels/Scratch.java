package dev.inferno.internal.kernels;

/// The buffers in which one thread decodes blocks; they grow as needed and are used again.
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THIS_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final BlockWeight.Product product = new BlockWeight.Product();
  private float[] panel = {};
  private float[] band = {};
  private float[] partial = {};
  private float[] scales = {};
  private float[] minima = {};

  private Scratch() {}

  static Scratch ofThisThread() {
    return OF_THIS_THREAD.get();
  }

  BlockWeight.Product product() {
    return product;
  }

  /// At least `size` floats of any content, like the others.
  float[] panel(int size) {
    if (panel.length < size) {
      panel = new float[size];
    }
    return panel;
  }

  float[] band(int size) {
    if (band.length < size) {
      band = new float[size];
    }
    return band;
  }

  float[] partial(int size) {
    if (partial.length < size) {
      partial = new float[size];
    }
    return partial;
  }

  float[] scales(int size) {
    if (scales.length < size) {
      scales = new float[size];
    }
    return scales;
  }

  float[] minima(int size) {
    if (minima.length < size) {
      minima = new float[size];
    }
    return minima;
  }
}

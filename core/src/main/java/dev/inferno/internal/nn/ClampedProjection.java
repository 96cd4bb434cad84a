package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// Queries, keys and values kept between two limits.
///
/// @param limit the highest number, and the lowest without its sign
public record ClampedProjection(Projection projection, float limit) implements Projection {

  @Override
  public void apply(Rows x, Rows queryKeyValue, State state) {
    projection.apply(x, queryKeyValue, state);
    float[] data = queryKeyValue.data();
    for (int i = 0; i < queryKeyValue.rows() * queryKeyValue.width(); i++) {
      data[i] = Math.clamp(data[i], -limit, limit);
    }
  }
}

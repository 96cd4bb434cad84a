package dev.inferno.internal.nn;

import dev.inferno.observe.Hook;

/// Where a norm is shown.
///
/// @param scale what it divides by
/// @param normalized before the gain
/// @param out the result
public record NormPoints(Hook scale, Hook normalized, Hook out) {
  /// The norm before attention.
  public static final NormPoints BEFORE_ATTENTION =
      new NormPoints(Hook.LN1_SCALE, Hook.LN1_NORMALIZED, Hook.LN1_OUT);

  /// The norm behind attention.
  public static final NormPoints BEHIND_ATTENTION =
      new NormPoints(Hook.LN1_POST_SCALE, Hook.LN1_POST_NORMALIZED, Hook.LN1_POST_OUT);

  /// The norm before the feed-forward.
  public static final NormPoints BEFORE_FEED_FORWARD =
      new NormPoints(Hook.LN2_SCALE, Hook.LN2_NORMALIZED, Hook.LN2_OUT);

  /// The norm behind the feed-forward.
  public static final NormPoints BEHIND_FEED_FORWARD =
      new NormPoints(Hook.LN2_POST_SCALE, Hook.LN2_POST_NORMALIZED, Hook.LN2_POST_OUT);

  /// The norm before the output projection.
  public static final NormPoints FINAL =
      new NormPoints(Hook.FINAL_SCALE, Hook.FINAL_NORMALIZED, Hook.FINAL_NORM);
}

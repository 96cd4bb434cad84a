package dev.inferno;

/// Why a generation ended.
public enum EndReason {
  /// As many tokens as were asked for.
  LENGTH,
  /// A stop string appeared; the text ends before it.
  STOP,
  /// The model chose a token that ends its text.
  EOS,
  /// Cancelled by {@link Session#cancel}, by interruption or by closing the model.
  CANCELLED,
  /// The context is full, and {@link GenerationOptions#contextShift(int)} was not asked for.
  CONTEXT,
  /// A listener stopped it.
  LISTENER
}

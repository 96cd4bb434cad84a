package dev.inferno.internal.huggingface;

/// What is done to a tensor because GGUF has it in another layout.
enum Change {
  /// Nothing: it is as it is there.
  NONE,
  /// The rows of each query head, whose first half RoPE turns against its second half, are put in
  /// pairs, which it turns against each other.
  QUERY_PAIRS,
  /// The same for key heads.
  KEY_PAIRS,
  /// A norm multiplies by 1 + w here, and by w there.
  PLUS_ONE,
  /// `[inputs, outputs]` becomes `[outputs, inputs]`.
  TRANSPOSED,
  /// The rows of each key head, `[its queries, key, value]`, become all queries, all keys, all
  /// values.
  QUERY_KEY_VALUE,
  /// The first half of the rows of each matrix, of which there may be several.
  FIRST_HALF,
  /// The second half.
  SECOND_HALF,
  /// One matrix per expert becomes one tensor of all of them.
  EXPERTS,
  /// One vector per query head becomes one tensor of all of them.
  QUERY_HEADS,
  /// The same for key heads.
  KEY_HEADS,
  /// Of the rows that each head makes of a latent vector, `[keys, values]`, those of keys,
  /// transposed.
  LATENT_KEYS,
  /// Those of values.
  LATENT_VALUES,
  /// Of a matrix that has all queries, keys and values one above the other, the queries, in pairs
  /// as {@link #QUERY_PAIRS}.
  PACKED_QUERIES,
  /// The keys, in pairs.
  PACKED_KEYS,
  /// The values.
  PACKED_VALUES,
  /// The queries, in pairs, where each key head has `[its queries, key, value]`.
  GROUPED_QUERIES,
  /// The keys, in pairs.
  GROUPED_KEYS,
  /// The values.
  GROUPED_VALUES
}

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
  /// Each row is divided by its length.
  UNIT_ROWS,
  /// `[inputs, outputs]` becomes `[outputs, inputs]`, of each matrix if there are several.
  TRANSPOSED,
  /// The same, and of the outputs the first, the third and so on.
  EVEN_TRANSPOSED,
  /// The same, and of the outputs the second, the fourth and so on.
  ODD_TRANSPOSED,
  /// The first number of each row, the third and so on.
  EVEN,
  /// The second number of each row, the fourth and so on.
  ODD,
  /// The blocks of MXFP4 and their scales, two tensors `NAME_blocks` and `NAME_scales`, become one.
  BLOCKS,
  /// The same, and of the rows the first, the third and so on.
  EVEN_BLOCKS,
  /// The same, and of the rows the second, the fourth and so on.
  ODD_BLOCKS,
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
  GROUPED_VALUES;

  /// Whether it makes one tensor of blocks and their scales.
  boolean isOfBlocks() {
    return this == BLOCKS || this == EVEN_BLOCKS || this == ODD_BLOCKS;
  }

  /// Whether it turns matrices.
  boolean transposes() {
    return this == TRANSPOSED || this == EVEN_TRANSPOSED || this == ODD_TRANSPOSED;
  }

  /// Whether it computes with the numbers, which are in single precision then.
  boolean computes() {
    return this == PLUS_ONE || this == UNIT_ROWS;
  }

  /// Which dimension it leaves half of, the fastest being 0; -1 for none.
  int halved() {
    return switch (this) {
      case EVEN, ODD -> 0;
      case FIRST_HALF, SECOND_HALF, EVEN_TRANSPOSED, ODD_TRANSPOSED, EVEN_BLOCKS, ODD_BLOCKS -> 1;
      case NONE,
          QUERY_PAIRS,
          KEY_PAIRS,
          PLUS_ONE,
          UNIT_ROWS,
          TRANSPOSED,
          BLOCKS,
          QUERY_KEY_VALUE,
          EXPERTS,
          QUERY_HEADS,
          KEY_HEADS,
          LATENT_KEYS,
          LATENT_VALUES,
          PACKED_QUERIES,
          PACKED_KEYS,
          PACKED_VALUES,
          GROUPED_QUERIES,
          GROUPED_KEYS,
          GROUPED_VALUES ->
          -1;
    };
  }

  /// The first one that is taken where it takes every other.
  int first() {
    return this == ODD || this == ODD_TRANSPOSED || this == ODD_BLOCKS ? 1 : 0;
  }

  /// How far apart those are that it takes.
  int step() {
    return halved() >= 0 && this != FIRST_HALF && this != SECOND_HALF ? 2 : 1;
  }
}

package dev.inferno.internal.huggingface;

import dev.inferno.format.GgmlType;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.safetensors.Checkpoint;
import dev.inferno.internal.safetensors.Checkpoint.Stored;
import dev.inferno.internal.safetensors.SafetensorsType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds the tensors of a family in a folder, all of which have to be there. For one model.
final class Sources {
  private final TextPart text;
  private final Config config;
  private final Family family;
  private final Metadata metadata;
  private final Checkpoint checkpoint;
  private final String base; // what the names of a model without its head go without
  private final Map<String, Source> sources = new LinkedHashMap<>();

  Sources(TextPart text, Family family, Metadata metadata, Checkpoint checkpoint) {
    this.text = text;
    this.config = text.config();
    this.family = family;
    this.metadata = metadata;
    this.checkpoint = checkpoint;
    String prefix = family.base();
    this.base = text.has(prefix, checkpoint.tensors().keySet().stream()) ? "" : prefix;
  }

  /// The tensors by their names in GGUF.
  Map<String, Source> all() {
    if (metadata.has("rope.dimension_count")) {
      RopeKeys.factors(config, metadata)
          .ifPresent(factors -> addFactors("rope_freqs.weight", factors));
      for (String length : List.of("short", "long")) {
        RopeKeys.listedFactors(length + "_factor", config, metadata)
            .ifPresent(factors -> addFactors("rope_factors_" + length + ".weight", factors));
      }
    }
    List<Row> perLayer = new ArrayList<>();
    for (Row row : family.rows()) {
      if (!row.appliesTo(config)) {
        continue;
      }
      if (row.perLayer()) {
        perLayer.add(row);
      } else if (!row.name().equals(Family.OUTPUT)) {
        add(row);
      } else if (!config.flag("tie_word_embeddings", family.tied())) {
        add(row);
      }
    }
    long leading = metadata.count("leading_dense_block_count");
    for (int layer = 0; layer < metadata.count("block_count"); layer++) {
      for (Row row : perLayer) {
        if (row.isIn(layer, leading)) {
          add(row.at(layer));
        }
      }
    }
    return sources;
  }

  private void addFactors(String name, List<Float> factors) {
    var info =
        new TensorInfo(
            name,
            GgmlType.F32,
            List.of((long) factors.size()),
            0,
            (long) Float.BYTES * factors.size());
    sources.put(name, new Source(info, name, List.of(), factors, Change.NONE, 1, 1));
  }

  private void add(Row row) {
    if (row.change().isOfBlocks()) {
      addBlocks(row);
      return;
    }
    List<Stored> parts = new ArrayList<>();
    for (int part = 0; part < parts(row.change()); part++) {
      parts.add(required(row.part(part)));
    }
    Stored first = parts.getFirst();
    for (Stored part : parts) {
      if (part.tensor().type() != first.tensor().type()
          || !part.tensor().shape().equals(first.tensor().shape())) {
        throw malformed(
            "tensor '%s' is %s of shape %s, but '%s' is %s of shape %s"
                .formatted(
                    part.tensor().name(),
                    part.tensor().type(),
                    part.tensor().shape(),
                    first.tensor().name(),
                    first.tensor().type(),
                    first.tensor().shape()));
      }
    }
    List<Long> dimensions = dimensions(row.change(), first.tensor().shape(), parts.size());
    long heads = heads(row.change());
    requireFits(row.change(), dimensions, heads, first.tensor().name());
    int halved = row.change().halved();
    if (halved >= 0) {
      dimensions.set(halved, dimensions.get(halved) / 2);
    }
    if (row.change() == Change.LATENT_KEYS) {
      dimensions = List.of(latentKeys(), dimensions.getFirst(), heads);
    } else if (row.change() == Change.LATENT_VALUES) {
      dimensions = List.of(dimensions.getFirst(), latentValues(), heads);
    } else if (share(row.change()) > 0) {
      long size = dimensions.getLast() / ((queries() + 2) * heads);
      dimensions.set(dimensions.size() - 1, share(row.change()) * heads * size);
    }
    GgmlType stored = type(first);
    GgmlType type = row.change().computes() ? GgmlType.F32 : stored;
    var info =
        new TensorInfo(
            row.name(),
            type,
            dimensions,
            first.tensor().offset(),
            type.bytes(dimensions.stream().reduce(1L, Math::multiplyExact)));
    sources.put(
        row.name(),
        new Source(info, first.tensor().name(), parts, List.of(), row.change(), heads, queries()));
  }

  /// Adds a tensor of blocks, `[matrices, rows, blocks of a row, bytes]`, and their scales.
  private void addBlocks(Row row) {
    Stored blocks = required(row.source() + "_blocks");
    Stored scales = required(row.source() + "_scales");
    List<Long> shape = blocks.tensor().shape();
    boolean fits =
        blocks.tensor().type() == SafetensorsType.U8
            && shape.size() == 4
            && shape.get(3) == MicroscaledBlocks.BYTES
            && blocks.tensor().elements() > 0
            && (row.change().halved() < 0 || shape.get(1) % 2 == 0);
    if (!fits) {
      throw malformed(
          "tensor '%s' is %s of shape %s; possible is U8 of four dimensions, the last of %d bytes%s"
              .formatted(
                  blocks.tensor().name(),
                  blocks.tensor().type(),
                  shape,
                  MicroscaledBlocks.BYTES,
                  row.change().halved() < 0 ? "" : ", and an even number of rows"));
    }
    if (scales.tensor().type() != SafetensorsType.U8
        || !scales.tensor().shape().equals(shape.subList(0, 3))) {
      throw malformed(
          "tensor '%s' is %s of shape %s; possible is U8 of shape %s, one for each block"
              .formatted(
                  scales.tensor().name(),
                  scales.tensor().type(),
                  scales.tensor().shape(),
                  shape.subList(0, 3)));
    }
    long columns = shape.get(2) * MicroscaledBlocks.NUMBERS;
    long rows = shape.get(1) / row.change().step();
    var info =
        new TensorInfo(
            row.name(),
            GgmlType.MXFP4,
            List.of(columns, rows, shape.get(0)),
            blocks.tensor().offset(),
            GgmlType.MXFP4.bytes(columns * rows * shape.get(0)));
    sources.put(
        row.name(),
        new Source(
            info, row.source(), List.of(blocks, scales), List.of(), row.change(), 1, queries()));
  }

  /// As GGUF has them, the fastest first.
  private static List<Long> dimensions(Change change, List<Long> shape, int parts) {
    List<Long> dimensions = new ArrayList<>(shape.reversed());
    if (change.transposes() && dimensions.size() > 1) {
      Collections.swap(dimensions, 0, 1);
    }
    if (joins(change)) {
      dimensions.add((long) parts);
    }
    return dimensions;
  }

  /// Whether a tensor is made of several, one behind the other.
  private static boolean joins(Change change) {
    return change == Change.EXPERTS || change == Change.QUERY_HEADS || change == Change.KEY_HEADS;
  }

  private long parts(Change change) {
    return switch (change) {
      case EXPERTS -> metadata.count("expert_count");
      case QUERY_HEADS -> metadata.count("attention.head_count");
      case KEY_HEADS -> metadata.count("attention.head_count_kv");
      case NONE,
          PLUS_ONE,
          UNIT_ROWS,
          TRANSPOSED,
          EVEN_TRANSPOSED,
          ODD_TRANSPOSED,
          EVEN,
          ODD,
          BLOCKS,
          EVEN_BLOCKS,
          ODD_BLOCKS,
          FIRST_HALF,
          SECOND_HALF,
          QUERY_PAIRS,
          KEY_PAIRS,
          QUERY_KEY_VALUE,
          LATENT_KEYS,
          LATENT_VALUES,
          PACKED_QUERIES,
          PACKED_KEYS,
          PACKED_VALUES,
          GROUPED_QUERIES,
          GROUPED_KEYS,
          GROUPED_VALUES ->
          1;
    };
  }

  private long heads(Change change) {
    return switch (change) {
      case QUERY_PAIRS, LATENT_KEYS, LATENT_VALUES -> metadata.count("attention.head_count");
      case KEY_PAIRS,
          QUERY_KEY_VALUE,
          PACKED_QUERIES,
          PACKED_KEYS,
          PACKED_VALUES,
          GROUPED_QUERIES,
          GROUPED_KEYS,
          GROUPED_VALUES ->
          metadata.count("attention.head_count_kv");
      case NONE,
          PLUS_ONE,
          UNIT_ROWS,
          TRANSPOSED,
          EVEN_TRANSPOSED,
          ODD_TRANSPOSED,
          EVEN,
          ODD,
          BLOCKS,
          EVEN_BLOCKS,
          ODD_BLOCKS,
          FIRST_HALF,
          SECOND_HALF,
          EXPERTS,
          QUERY_HEADS,
          KEY_HEADS ->
          1;
    };
  }

  /// How many query heads share a key head.
  private long queries() {
    long keyHeads = Math.max(1, metadata.count("attention.head_count_kv")); // GPT-2 does not say
    return metadata.count("attention.head_count") / keyHeads;
  }

  private boolean fitsHeads(List<Long> dimensions, long rows) {
    return !dimensions.isEmpty()
        && dimensions.getLast() > 0
        && queries() * metadata.count("attention.head_count_kv")
            == metadata.count("attention.head_count")
        && dimensions.getLast() % rows == 0;
  }

  /// How many heads for each key head a part of queries, keys and values has; 0 for no such part.
  private long share(Change change) {
    return switch (change) {
      case PACKED_QUERIES, GROUPED_QUERIES -> queries();
      case PACKED_KEYS, PACKED_VALUES, GROUPED_KEYS, GROUPED_VALUES -> 1;
      case NONE,
          QUERY_PAIRS,
          KEY_PAIRS,
          PLUS_ONE,
          UNIT_ROWS,
          TRANSPOSED,
          EVEN_TRANSPOSED,
          ODD_TRANSPOSED,
          EVEN,
          ODD,
          BLOCKS,
          EVEN_BLOCKS,
          ODD_BLOCKS,
          QUERY_KEY_VALUE,
          FIRST_HALF,
          SECOND_HALF,
          EXPERTS,
          QUERY_HEADS,
          KEY_HEADS,
          LATENT_KEYS,
          LATENT_VALUES ->
          0;
    };
  }

  /// How many numbers of a key a head makes of the latent.
  private long latentKeys() {
    return metadata.count("attention.key_length_mla") - metadata.count("rope.dimension_count");
  }

  private long latentValues() {
    return metadata.count("attention.value_length_mla");
  }

  /// What a change needs of a shape, so that it can be done; whether it is the right one is seen
  /// later.
  private void requireFits(Change change, List<Long> dimensions, long heads, String name) {
    boolean fits =
        switch (change) {
          case NONE, PLUS_ONE, EXPERTS, QUERY_HEADS, KEY_HEADS -> true;
          case UNIT_ROWS -> dimensions.size() == 2 && !dimensions.contains(0L);
          case BLOCKS, EVEN_BLOCKS, ODD_BLOCKS -> true; // seen before
          case TRANSPOSED -> dimensions.size() >= 2 && !dimensions.contains(0L);
          case EVEN, ODD -> isHalf(dimensions, 0);
          case FIRST_HALF, SECOND_HALF, EVEN_TRANSPOSED, ODD_TRANSPOSED -> isHalf(dimensions, 1);
          case LATENT_KEYS, LATENT_VALUES ->
              dimensions.size() == 2
                  && dimensions.getFirst() > 0
                  && dimensions.getLast() == heads * (latentKeys() + latentValues());
          case QUERY_PAIRS, KEY_PAIRS ->
              !dimensions.isEmpty()
                  && dimensions.getLast() > 0
                  && dimensions.getLast() % (2 * heads) == 0;
          case QUERY_KEY_VALUE -> fitsHeads(dimensions, (queries() + 2) * heads);
          case PACKED_QUERIES,
              PACKED_KEYS,
              PACKED_VALUES,
              GROUPED_QUERIES,
              GROUPED_KEYS,
              GROUPED_VALUES ->
              fitsHeads(dimensions, 2 * (queries() + 2) * heads);
        };
    if (!fits) {
      String possible =
          switch (change) {
            case TRANSPOSED, UNIT_ROWS -> "is a matrix";
            case EVEN, ODD, EVEN_TRANSPOSED, ODD_TRANSPOSED -> "is an even number of columns";
            case LATENT_KEYS, LATENT_VALUES ->
                "are %d rows for each of %d heads".formatted(latentKeys() + latentValues(), heads);
            case FIRST_HALF, SECOND_HALF -> "is an even number of rows";
            default -> "are rows for %d heads of even size".formatted(heads); // all of heads
          };
      throw malformed(
          "tensor '%s' has the dimensions %s; possible %s".formatted(name, dimensions, possible));
    }
  }

  /// Whether there is a half of a dimension.
  private static boolean isHalf(List<Long> dimensions, int which) {
    return dimensions.size() > which && !dimensions.contains(0L) && dimensions.get(which) % 2 == 0;
  }

  private GgmlType type(Stored part) {
    SafetensorsType type = part.tensor().type();
    return switch (type) {
      case F32, F64, I16, U16, I32, U32, I64, U64 -> GgmlType.F32;
      case F16 -> GgmlType.F16;
      case BF16, F8_E4M3, F8_E5M2, I8, U8 -> GgmlType.BF16; // which holds all of theirs exactly
      case BOOL, F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw new UnsupportedModelException(
              ("%s: unsupported: tensor '%s' is %s; supported are F64, F32, F16, BF16, F8_E4M3,"
                      + " F8_E5M2 and integers")
                  .formatted(part.file().name(), part.tensor().name(), type));
    };
  }

  private Stored required(String name) {
    String stored = name.startsWith(base) ? name.substring(base.length()) : name;
    for (String called : text.names(stored)) {
      Optional<Stored> found = checkpoint.tensor(called);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw malformed(
        "there is no tensor '%s' among %d tensors"
            .formatted(text.names(stored).getFirst(), checkpoint.tensors().size()));
  }

  private MalformedModelException malformed(String what) {
    return new MalformedModelException("%s: malformed: %s".formatted(checkpoint.name(), what));
  }
}

package dev.inferno.internal.huggingface;

import dev.inferno.format.TensorInfo;
import dev.inferno.internal.safetensors.Checkpoint.Stored;
import dev.inferno.internal.safetensors.SafetensorsType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/// A tensor as GGUF has it, and what it is made of. Immutable.
///
/// @param info what GGUF says of it, but for the offset, which is that of the first part in its
///   file
/// @param label what messages call it
/// @param parts the tensors of the folder; none for one that is computed
/// @param computed the elements of one that is computed
/// @param heads how many heads the rows of a change belong to
/// @param queries how many query heads share a key head
record Source(
    TensorInfo info,
    String label,
    List<Stored> parts,
    List<Float> computed,
    Change change,
    long heads,
    long queries) {

  /// Its bytes: mapped where nothing is to be done, in memory otherwise.
  ///
  /// @param copied whether nothing may stay mapped
  MemorySegment data(SegmentAllocator memory, boolean copied) {
    if (parts.isEmpty()) {
      return Layout.floats(computed, memory);
    }
    Stored first = parts.getFirst();
    boolean asStored = change.isOfBlocks() || change.computes();
    MemorySegment data = asStored ? first.file().data(first.tensor()) : data(first, memory);
    boolean mapped = isStored(first);
    long rows = info.dimensions().getLast();
    return switch (change) {
      case NONE -> copied && mapped ? Layout.copied(data, memory) : data;
      case QUERY_PAIRS, KEY_PAIRS -> Layout.paired(data, rows, heads, memory);
      case PLUS_ONE -> plusOne(first, memory);
      case UNIT_ROWS ->
          Layout.unitRows(data, first.tensor().type(), info.dimensions().getFirst(), rows, memory);
      case TRANSPOSED, EVEN_TRANSPOSED, ODD_TRANSPOSED -> transposed(data, memory);
      case EVEN, ODD -> Layout.everyOther(data, info.elements(), change.first(), memory);
      case BLOCKS, EVEN_BLOCKS, ODD_BLOCKS -> blocks(data, memory);
      case QUERY_KEY_VALUE -> Layout.gathered(data, heads, queries, memory);
      case FIRST_HALF -> Layout.halves(data, matrices(), 0, memory);
      case SECOND_HALF -> Layout.halves(data, matrices(), 1, memory);
      case EXPERTS, QUERY_HEADS, KEY_HEADS ->
          Layout.joined(parts.stream().map(part -> data(part, memory)).toList(), memory);
      case LATENT_KEYS -> {
        long keys = info.dimensions().get(0);
        long latent = info.dimensions().get(1);
        yield Layout.transposed(
            Layout.firsts(data, heads, keys, rows(first), memory),
            heads,
            keys,
            latent,
            0,
            1,
            memory);
      }
      case LATENT_VALUES ->
          Layout.lasts(data, heads, info.dimensions().get(1), rows(first), memory);
      case PACKED_QUERIES -> Layout.queries(data, 1, heads * queries, heads, rows(first), memory);
      case PACKED_KEYS -> Layout.keys(data, 1, heads * queries, heads, rows(first), memory);
      case PACKED_VALUES -> Layout.values(data, 1, heads * queries, heads, rows(first), memory);
      case GROUPED_QUERIES ->
          Layout.queries(data, heads, heads * queries, heads, rows(first), memory);
      case GROUPED_KEYS -> Layout.keys(data, heads, heads * queries, heads, rows(first), memory);
      case GROUPED_VALUES ->
          Layout.values(data, heads, heads * queries, heads, rows(first), memory);
    };
  }

  private MemorySegment transposed(MemorySegment data, SegmentAllocator memory) {
    long inputs = info.dimensions().get(0);
    long outputs = info.dimensions().get(1);
    return Layout.transposed(
        data, matrices(), inputs, outputs, change.first(), change.step(), memory);
  }

  /// Rows of all matrices, of which every other may be taken.
  private MemorySegment blocks(MemorySegment blocks, SegmentAllocator memory) {
    Stored scales = parts.getLast();
    return MicroscaledBlocks.joined(
        blocks,
        scales.file().data(scales.tensor()),
        info.dimensions().getFirst(),
        info.elements() / info.dimensions().getFirst(),
        change.first(),
        change.step(),
        memory);
  }

  private static long rows(Stored part) {
    return part.tensor().shape().getFirst();
  }

  /// How many matrices lie one behind the other.
  private long matrices() {
    return info.elements() / (info.dimensions().get(0) * info.dimensions().get(1));
  }

  private MemorySegment data(Stored part, SegmentAllocator memory) {
    MemorySegment data = part.file().data(part.tensor());
    return isStored(part)
        ? data
        : Layout.converted(
            data, part.tensor().type(), part.tensor().elements(), info.type(), memory);
  }

  /// Whether the elements are in the file as GGUF has them.
  private static boolean isStored(Stored part) {
    SafetensorsType type = part.tensor().type();
    return type == SafetensorsType.F32
        || type == SafetensorsType.F16
        || type == SafetensorsType.BF16;
  }

  private static MemorySegment plusOne(Stored part, SegmentAllocator memory) {
    float[] values = part.file().floats(part.tensor());
    for (int i = 0; i < values.length; i++) {
      values[i] += 1;
    }
    return Layout.floats(values, memory);
  }
}

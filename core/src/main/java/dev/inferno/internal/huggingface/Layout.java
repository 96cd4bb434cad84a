package dev.inferno.internal.huggingface;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.internal.safetensors.SafetensorsType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// Tensors rearranged, from a mapped file to memory of their own.
final class Layout {
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int ALIGNMENT = 64;

  /// The side of the squares that a matrix is transposed by, so that their lines stay in the cache.
  private static final int SQUARE = 32;

  private Layout() {}

  static MemorySegment copied(MemorySegment data, SegmentAllocator memory) {
    return memory.allocate(data.byteSize(), ALIGNMENT).copyFrom(data);
  }

  static MemorySegment floats(List<Float> values, SegmentAllocator memory) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return floats(array, memory);
  }

  static MemorySegment floats(float[] values, SegmentAllocator memory) {
    MemorySegment floats = memory.allocate((long) Float.BYTES * values.length, ALIGNMENT);
    MemorySegment.copy(values, 0, floats, F32, 0, values.length);
    return floats;
  }

  /// Elements of whatever type, each as the nearest F32, or as the BF16 that is equal to it.
  static MemorySegment converted(
      MemorySegment data, SafetensorsType from, long count, GgmlType to, SegmentAllocator memory) {
    MemorySegment converted = memory.allocate(to.bytes(count), ALIGNMENT);
    for (long i = 0; i < count; i++) {
      float number = MappedSafetensors.number(data, from, i);
      if (to == GgmlType.F32) {
        converted.setAtIndex(F32, i, number);
      } else {
        converted.setAtIndex(I16, i, (short) (Float.floatToRawIntBits(number) >>> 16));
      }
    }
    return converted;
  }

  /// The rows of each head, `[half 0, half 1]`, as pairs of a row of each half.
  ///
  /// @param rows how many rows there are, a multiple of twice the heads
  static MemorySegment paired(MemorySegment data, long rows, long heads, SegmentAllocator memory) {
    MemorySegment paired = memory.allocate(data.byteSize(), ALIGNMENT);
    long size = rows / heads;
    long bytes = data.byteSize() / rows;
    for (long head = 0; head < heads; head++) {
      for (long i = 0; i < size / 2; i++) {
        long first = (head * size + i) * bytes;
        long second = first + size / 2 * bytes;
        long pair = (head * size + 2 * i) * bytes;
        MemorySegment.copy(data, first, paired, pair, bytes);
        MemorySegment.copy(data, second, paired, pair + bytes, bytes);
      }
    }
    return paired;
  }

  /// Matrices of elements of 2 or 4 bytes, turned one by one.
  ///
  /// @param rows how many rows each has
  /// @param columns how many of its columns are taken
  /// @param first the first of them
  /// @param step how far apart they are, which leaves no other at the end
  static MemorySegment transposed(
      MemorySegment data,
      long matrices,
      long rows,
      long columns,
      int first,
      int step,
      SegmentAllocator memory) {
    MemorySegment transposed = memory.allocate(data.byteSize() / step, ALIGNMENT);
    long size = rows * columns;
    boolean wide = data.byteSize() == Integer.BYTES * matrices * size * step;
    for (long matrix = 0; matrix < matrices; matrix++) {
      for (long top = 0; top < rows; top += SQUARE) {
        for (long left = 0; left < columns; left += SQUARE) {
          for (long row = top; row < Math.min(rows, top + SQUARE); row++) {
            for (long column = left; column < Math.min(columns, left + SQUARE); column++) {
              long from = (matrix * size + row * columns + column) * step + first;
              long to = matrix * size + column * rows + row;
              if (wide) {
                transposed.setAtIndex(I32, to, data.getAtIndex(I32, from));
              } else {
                transposed.setAtIndex(I16, to, data.getAtIndex(I16, from));
              }
            }
          }
        }
      }
    }
    return transposed;
  }

  /// Every other one of elements of 2 or 4 bytes.
  ///
  /// @param count how many are taken
  /// @param first the first of them, 0 or 1
  static MemorySegment everyOther(
      MemorySegment data, long count, int first, SegmentAllocator memory) {
    MemorySegment taken = memory.allocate(data.byteSize() / 2, ALIGNMENT);
    long bytes = data.byteSize() / (2 * count);
    for (long i = 0; i < count; i++) {
      MemorySegment.copy(data, (2 * i + first) * bytes, taken, i * bytes, bytes);
    }
    return taken;
  }

  /// The first rows of each head.
  ///
  /// @param some how many of them
  /// @param rows how many rows all heads have
  static MemorySegment firsts(
      MemorySegment data, long heads, long some, long rows, SegmentAllocator memory) {
    return some(data, heads, 0, some, rows, memory);
  }

  /// The last rows of each head.
  static MemorySegment lasts(
      MemorySegment data, long heads, long some, long rows, SegmentAllocator memory) {
    return some(data, heads, rows / heads - some, some, rows, memory);
  }

  /// The queries of a matrix that has queries, keys and values, put in pairs.
  ///
  /// @param groups how many times it has some of them one behind the other
  /// @param queries how many query heads there are
  /// @param keys how many key heads
  /// @param rows how many rows the matrix has, a multiple of those of all heads
  static MemorySegment queries(
      MemorySegment data,
      long groups,
      long queries,
      long keys,
      long rows,
      SegmentAllocator memory) {
    long size = rows / (queries + 2 * keys);
    return pairedPart(data, groups, 0, queries, size, rows, memory);
  }

  /// The keys of such a matrix, put in pairs.
  static MemorySegment keys(
      MemorySegment data,
      long groups,
      long queries,
      long keys,
      long rows,
      SegmentAllocator memory) {
    long size = rows / (queries + 2 * keys);
    return pairedPart(data, groups, queries, keys, size, rows, memory);
  }

  /// The values of such a matrix.
  static MemorySegment values(
      MemorySegment data,
      long groups,
      long queries,
      long keys,
      long rows,
      SegmentAllocator memory) {
    long size = rows / (queries + 2 * keys);
    return lasts(data, groups, keys / groups * size, rows, memory);
  }

  private static MemorySegment pairedPart(
      MemorySegment data,
      long groups,
      long before,
      long heads,
      long size,
      long rows,
      SegmentAllocator memory) {
    try (Arena passing = Arena.ofConfined()) {
      long from = before / groups * size;
      long some = heads / groups * size;
      MemorySegment part = some(data, groups, from, some, rows, passing);
      return paired(part, heads * size, heads, memory);
    }
  }

  private static MemorySegment some(
      MemorySegment data, long heads, long from, long some, long rows, SegmentAllocator memory) {
    long bytes = data.byteSize() / rows;
    MemorySegment taken = memory.allocate(heads * some * bytes, ALIGNMENT);
    for (long head = 0; head < heads; head++) {
      long first = head * (rows / heads) + from;
      MemorySegment.copy(data, first * bytes, taken, head * some * bytes, some * bytes);
    }
    return taken;
  }

  /// The queries, the key and the value of each group of heads as all queries, all keys, all
  /// values.
  ///
  /// @param queries how many queries a group has
  static MemorySegment gathered(
      MemorySegment data, long groups, long queries, SegmentAllocator memory) {
    MemorySegment gathered = memory.allocate(data.byteSize(), ALIGNMENT);
    long parts = queries + 2;
    long bytes = data.byteSize() / (groups * parts);
    for (long group = 0; group < groups; group++) {
      for (long part = 0; part < parts; part++) {
        long from = (group * parts + part) * bytes;
        long to = part < queries ? group * queries + part : part * groups + group;
        MemorySegment.copy(data, from, gathered, to * bytes, bytes);
      }
    }
    return gathered;
  }

  /// Rows of numbers of whatever type, each divided by its length, in single precision.
  static MemorySegment unitRows(
      MemorySegment data, SafetensorsType from, long columns, long rows, SegmentAllocator memory) {
    MemorySegment unit = memory.allocate(Float.BYTES * columns * rows, ALIGNMENT);
    for (long row = 0; row < rows; row++) {
      long first = row * columns;
      double squares = 0;
      for (long i = first; i < first + columns; i++) {
        double x = MappedSafetensors.number(data, from, i);
        squares += x * x;
      }
      double length = Math.max(1e-12, Math.sqrt(squares)); // a row of zeros stays one
      for (long i = first; i < first + columns; i++) {
        unit.setAtIndex(F32, i, (float) (MappedSafetensors.number(data, from, i) / length));
      }
    }
    return unit;
  }

  /// One half, 0 or 1, of the rows of each matrix.
  static MemorySegment halves(
      MemorySegment data, long matrices, int half, SegmentAllocator memory) {
    long bytes = data.byteSize() / (2 * matrices);
    MemorySegment halves = memory.allocate(bytes * matrices, ALIGNMENT);
    for (long i = 0; i < matrices; i++) {
      MemorySegment.copy(data, (2 * i + half) * bytes, halves, i * bytes, bytes);
    }
    return halves;
  }

  /// One behind the other.
  static MemorySegment joined(List<MemorySegment> parts, SegmentAllocator memory) {
    long size = parts.stream().mapToLong(MemorySegment::byteSize).sum();
    MemorySegment joined = memory.allocate(size, ALIGNMENT);
    long at = 0;
    for (MemorySegment part : parts) {
      MemorySegment.copy(part, 0, joined, at, part.byteSize());
      at += part.byteSize();
    }
    return joined;
  }
}

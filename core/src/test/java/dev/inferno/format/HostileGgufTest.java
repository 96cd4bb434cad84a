package dev.inferno.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of zeros that are not even on the disk, large enough for what they claim.
class HostileGgufTest {
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final long SIZE = 9L << 30;

  @TempDir Path folder;

  @Test
  void aThousandMillionEmptyStringsAreRefusedUnread() {
    assertRefused(array(STRING, 1L << 30));
  }

  @Test
  void aThousandMillionNumbersAreRefusedUnread() {
    assertRefused(array(0, 1L << 30));
    assertRefused(array(6, 1L << 30));
    assertRefused(array(7, 1L << 30));
    assertRefused(array(12, 1L << 30));
  }

  @Test
  void aTextOfAGigabyteIsRefusedUnread() {
    ByteBuffer text = header(0, 1).putInt(STRING).putLong(1L << 30);
    assertRefused(text);
  }

  @Test
  void aThousandMillionTensorsWithoutNamesAreRefusedAtTheSecond() {
    assertThatThrownBy(() -> open(header(300_000_000, 1).putInt(0).put((byte) 0)))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("tensor '' appears twice");
  }

  private void assertRefused(ByteBuffer start) {
    assertThatThrownBy(() -> open(start))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessage(
            "sparse.gguf: unsupported: metadata and tensor table need more than 128 MiB of memory");
  }

  private void open(ByteBuffer start) throws IOException {
    Path path = folder.resolve("sparse.gguf");
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(start.flip());
      channel.write(ByteBuffer.allocate(1), SIZE);
    }
    GgufFile.open(path);
  }

  private static ByteBuffer array(int type, long length) {
    return header(0, 1).putInt(ARRAY).putInt(type).putLong(length);
  }

  /// Everything up to the type of the value of the first key.
  private static ByteBuffer header(long tensors, long pairs) {
    return ByteBuffer.allocate(256)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("GGUF".getBytes(StandardCharsets.US_ASCII))
        .putInt(3)
        .putLong(tensors)
        .putLong(pairs)
        .putLong(1)
        .put((byte) 'k');
  }
}

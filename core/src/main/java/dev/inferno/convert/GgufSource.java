package dev.inferno.convert;

import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.internal.files.ReadableFile;
import dev.inferno.internal.gguf.GgufFormat;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A GGUF file, or all parts of one that was split.
final class GgufSource implements ModelSource {
  private final GgufParts parts;
  private final List<FileChannel> channels;
  private final Map<String, FileChannel> places = new LinkedHashMap<>(); // by the name of a tensor

  private GgufSource(GgufParts parts, List<FileChannel> channels) {
    this.parts = parts;
    this.channels = channels;
    for (int i = 0; i < channels.size(); i++) {
      for (TensorInfo tensor : parts.files().get(i).tensors()) {
        places.put(tensor.name(), channels.get(i));
      }
    }
  }

  /// Opens a file, or all parts of a model by any of them.
  ///
  /// @throws IOException if one cannot be read
  @SuppressWarnings("MustBeClosedChecker") // they live until close()
  static GgufSource open(Path path) throws IOException {
    GgufParts parts = GgufParts.open(path);
    List<FileChannel> channels = new ArrayList<>();
    try {
      for (Path part : parts.paths()) {
        channels.add(ReadableFile.open(part));
      }
      return new GgufSource(parts, channels);
    } catch (IOException e) {
      for (FileChannel channel : channels) {
        channel.close();
      }
      throw e;
    }
  }

  /// Whether it says that it is a part, if only the single one.
  boolean isSplit() {
    return parts.first().metadata().containsKey(GgufFormat.SPLIT_COUNT_KEY);
  }

  @Override
  public String name() {
    return parts.first().name();
  }

  @Override
  public List<Path> files() {
    return parts.paths();
  }

  @Override
  public Map<String, Object> metadata() {
    return parts.first().metadata();
  }

  @Override
  public void describe(GgufWriter writer) {
    GgufFile first = parts.first();
    first
        .metadata()
        .forEach((key, value) -> {
          if (!GgufFormat.SPLIT_KEYS.contains(key)) { // which would no longer be true
            writer.metadata(key, first.metadataType(key), value);
          }
        });
  }

  @Override
  public List<TensorInfo> tensors() {
    return parts.files().stream().flatMap(file -> file.tensors().stream()).toList();
  }

  @Override
  public void lend(TensorInfo tensor, Use use) throws IOException {
    FileChannel channel = places.get(tensor.name());
    if (channel == null) {
      throw new IllegalArgumentException("there is no tensor '%s'".formatted(tensor.name()));
    }
    use.with((offset, bytes, at, length) ->
        read(channel, tensor.offset() + offset, ByteBuffer.wrap(bytes, at, length)));
  }

  private void read(FileChannel channel, long from, ByteBuffer bytes) throws IOException {
    long position = from;
    while (bytes.hasRemaining()) {
      int count = channel.read(bytes, position);
      if (count < 0) {
        throw new EOFException("%s ends in the middle of its data".formatted(name()));
      }
      position += count;
    }
  }

  @Override
  public void close() throws IOException {
    for (FileChannel channel : channels) {
      channel.close();
    }
  }
}

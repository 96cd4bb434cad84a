package dev.inferno;

import dev.inferno.internal.files.FileReplacement;
import dev.inferno.internal.files.ReadableFile;
import dev.inferno.internal.nn.KvCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/// The file of a {@link Prefix}, little-endian:
///
/// ```
/// bytes     what
/// 8         "infernop"
/// 4         version, 1
/// 4         n, how many tokens
/// 4 4 4 4   vocabulary, layers, keyWidth, valueWidth
/// 16        the name of the KV type in ASCII, then zeros
/// 32        the model's fingerprint
/// 4 n       the tokens
/// 4 each    the logits behind the last one
/// ...       layer by layer, page by page: the keys of its positions, then the values, as stored
/// 8         CRC-32C of all before
/// ```
///
/// The sizes and the length of the file have to be those that the model and n ask for, before
/// anything is allocated.
final class PrefixFile {
  private static final byte[] MAGIC = "infernop".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 1;
  private static final int TYPE_BYTES = 16;
  private static final int HEADER_BYTES = MAGIC.length + 6 * Integer.BYTES + TYPE_BYTES + 32;

  private final String name;
  private final FileChannel channel;
  private final CRC32C sum = new CRC32C();
  private ByteBuffer buffer = buffer(1 << 16);

  private PrefixFile(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static void write(Path path, Prefix prefix) throws IOException {
    byte[] fingerprint = prefix.model().fingerprint();
    FileReplacement.write(
        path,
        channel -> new PrefixFile(ReadableFile.name(path), channel).write(prefix, fingerprint));
  }

  private void write(Prefix prefix, byte[] fingerprint) throws IOException {
    KvCache cache = prefix.cache();
    int layers = prefix.model().info().layers();
    int pageBytes = Math.toIntExact(cache.bytesPerPosition() * KvCache.PAGE);
    buffer = buffer(Math.max(buffer.capacity(), pageBytes));
    buffer.put(MAGIC).putInt(VERSION).putInt(prefix.length());
    buffer.putInt(prefix.logits().length).putInt(layers);
    buffer.putInt(cache.heads().keyWidth()).putInt(cache.heads().valueWidth());
    buffer.put(Arrays.copyOf(ascii(cache.type()), TYPE_BYTES)).put(fingerprint);
    flush();
    for (int id : prefix.ids()) {
      room(Integer.BYTES).putInt(id);
    }
    for (float logit : prefix.logits()) {
      room(Float.BYTES).putFloat(logit);
    }
    flush();
    for (int layer = 0; layer < layers; layer++) {
      for (int page = 0; page * KvCache.PAGE < prefix.length(); page++) {
        cache.save(layer, page, buffer);
        flush();
      }
    }
    buffer.putLong(sum.getValue());
    flush();
  }

  private static byte[] ascii(KeyValueType type) {
    return type.name().getBytes(StandardCharsets.US_ASCII);
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    sum.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  static Prefix read(Path path, Model model) throws IOException {
    try (FileChannel channel = ReadableFile.open(path)) {
      return new PrefixFile(path.toString(), channel).read(model);
    }
  }

  private Prefix read(Model model) throws IOException {
    long size = channel.size();
    if (size < HEADER_BYTES) {
      throw refused("it has %d bytes, which is no prefix", size);
    }
    fill(HEADER_BYTES);
    byte[] magic = new byte[MAGIC.length];
    buffer.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw refused("it is no prefix");
    }
    int version = buffer.getInt();
    if (version != VERSION) {
      throw refused("it has version %d of its format; supported is %d", version, VERSION);
    }
    int length = buffer.getInt();
    int vocabulary = buffer.getInt();
    int layers = buffer.getInt();
    int keyWidth = buffer.getInt();
    int valueWidth = buffer.getInt();
    KeyValueType type = type();
    byte[] fingerprint = new byte[32];
    buffer.get(fingerprint);

    KvCache cache = model.newCache(type);
    if (vocabulary != model.info().vocabulary()
        || layers != model.info().layers()
        || keyWidth != cache.heads().keyWidth()
        || valueWidth != cache.heads().valueWidth()
        || !Arrays.equals(fingerprint, model.fingerprint())) {
      throw refused(
          "it was saved with another model than %s, or with this one loaded otherwise: with other"
              + " adapters, another layout of the weights, or activations rounded or not",
          model.info().name());
    }
    long perToken = Integer.BYTES + layers * cache.bytesPerPosition();
    long needed = HEADER_BYTES + length * perToken + (long) vocabulary * Float.BYTES + Long.BYTES;
    if (length < 1 || size != needed) {
      throw refused("it has %d bytes, but %d tokens take %d", size, length, needed);
    }
    int[] tokens = new int[length];
    float[] logits = new float[vocabulary];
    readTokens(tokens, vocabulary);
    readLogits(logits);
    cache.longText(length > model.architecture().shortText());
    readPages(cache, layers, length);
    long computed = sum.getValue();
    fill(Long.BYTES);
    long stored = buffer.getLong();
    if (stored != computed) {
      throw refused("its checksum is %x, but that of what it holds is %x", stored, computed);
    }
    return new Prefix(model, tokens, cache, logits);
  }

  private KeyValueType type() throws IOException {
    byte[] field = new byte[TYPE_BYTES];
    buffer.get(field);
    Optional<KeyValueType> type =
        Arrays.stream(KeyValueType.values())
            .filter(known -> Arrays.equals(field, Arrays.copyOf(ascii(known), TYPE_BYTES)))
            .findFirst();
    if (type.isEmpty()) {
      throw refused(
          "its keys and values have the type '%s', which is not known; known are %s",
          new String(field, StandardCharsets.ISO_8859_1).strip().replaceAll("\\P{Graph}", "?"),
          Arrays.toString(KeyValueType.values()));
    }
    return type.get();
  }

  private void readTokens(int[] tokens, int vocabulary) throws IOException {
    for (int i = 0; i < tokens.length; i++) {
      if (!buffer.hasRemaining()) {
        fill((int) Math.min(buffer.capacity(), (long) (tokens.length - i) * Integer.BYTES));
      }
      tokens[i] = buffer.getInt();
      if (tokens[i] < 0 || tokens[i] >= vocabulary) {
        throw refused("token %d has the id %d of a vocabulary of %d", i, tokens[i], vocabulary);
      }
    }
  }

  private void readLogits(float[] logits) throws IOException {
    for (int i = 0; i < logits.length; i++) {
      if (!buffer.hasRemaining()) {
        fill((int) Math.min(buffer.capacity(), (long) (logits.length - i) * Float.BYTES));
      }
      logits[i] = buffer.getFloat();
    }
  }

  private void readPages(KvCache cache, int layers, int length) throws IOException {
    int pageBytes = Math.toIntExact(cache.bytesPerPosition() * KvCache.PAGE);
    buffer = buffer(Math.max(buffer.capacity(), pageBytes));
    for (int layer = 0; layer < layers; layer++) {
      for (int from = 0; from < length; from += KvCache.PAGE) {
        int rows = Math.min(KvCache.PAGE, length - from);
        fill((int) (rows * cache.bytesPerPosition()));
        cache.restore(layer, rows, buffer);
      }
    }
    cache.complete(length);
  }

  /// The next bytes of the file are in the buffer, and counted in the checksum.
  private void fill(int bytes) throws IOException {
    buffer.clear().limit(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw refused("it was cut short while it was read");
      }
    }
    buffer.flip();
    sum.update(buffer.duplicate());
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private IOException refused(String what, Object... arguments) {
    return new IOException(
        "cannot use the prefix %s: ".formatted(name) + what.formatted(arguments));
  }
}

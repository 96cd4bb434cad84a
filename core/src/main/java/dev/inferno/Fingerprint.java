package dev.inferno;

import dev.inferno.format.TensorInfo;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.models.Adapter;
import dev.inferno.internal.models.ModelFile;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Tells models apart whose keys and values differ: SHA-256 of the architecture and its settings in
/// the metadata, of the name, type and shape of every tensor, and of a sample of its bytes, {@value
/// #PIECE} at each of {@value #PIECES} places from its first to its last byte, or all of them if
/// there are fewer. Not of the tokenizer and of names. Computed when it is first asked for.
/// Thread-safe.
final class Fingerprint {
  private static final int PIECES = 16;
  private static final int PIECE = 256;

  private final Map<String, Object> settings;
  private final List<TensorInfo> tensors;
  private final ModelFile file;
  private byte @Nullable [] value; // guarded by this object's monitor

  private Fingerprint(Map<String, Object> settings, List<TensorInfo> tensors, ModelFile file) {
    this.settings = settings;
    this.tensors = tensors;
    this.file = file;
  }

  static Fingerprint of(ModelFile file) {
    String architecture = file.requiredString("general.architecture");
    var settings = new TreeMap<String, Object>();
    settings.put("general.architecture", architecture);
    file.metadata()
        .forEach((key, value) -> {
          if (key.startsWith(architecture + ".")) {
            settings.put(key, value);
          }
        });
    List<TensorInfo> tensors =
        file.tensors().stream().sorted(Comparator.comparing(TensorInfo::name)).toList();
    return new Fingerprint(settings, tensors, file);
  }

  /// 32 bytes, not to be changed.
  synchronized byte[] value() {
    byte[] known = value;
    if (known == null) {
      known = compute();
      value = known;
    }
    return known;
  }

  /// Tells apart how a model is loaded, which changes keys and values too: nothing where it is as
  /// usual, without adapters.
  static byte[] of(List<Adapter> adapters, Arrangement arrangement) {
    boolean usual = arrangement == Arrangement.REARRANGED;
    if (usual && adapters.isEmpty()) {
      return new byte[0];
    }
    MessageDigest digest = digest();
    if (!usual) {
      update(digest, arrangement.name());
    }
    adapters.forEach(adapter -> adapter.identify(digest));
    return digest.digest();
  }

  /// The value of a model that is loaded in some way.
  static byte[] loaded(byte[] value, byte[] way) {
    if (way.length == 0) {
      return value;
    }
    MessageDigest digest = digest();
    digest.update(value);
    return digest.digest(way);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private byte[] compute() {
    MessageDigest digest = digest();
    settings.forEach((key, setting) -> update(digest, key + "=" + text(setting)));
    for (TensorInfo tensor : tensors) {
      update(digest, tensor.name() + " " + tensor.type() + " " + tensor.dimensions());
      file.lend(tensor, 0, tensor.sizeBytes(), bytes -> update(digest, bytes));
    }
    return digest.digest();
  }

  private static void update(MessageDigest digest, MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size <= PIECES * PIECE) {
      digest.update(bytes.asByteBuffer());
      return;
    }
    for (int i = 0; i < PIECES; i++) {
      long at = (size - PIECE) / (PIECES - 1) * i;
      digest.update(bytes.asSlice(i < PIECES - 1 ? at : size - PIECE, PIECE).asByteBuffer());
    }
  }

  /// Each text ends with a byte that none holds.
  private static void update(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0xFF);
  }

  private static String text(Object setting) {
    return switch (setting) {
      case long[] numbers -> Arrays.toString(numbers);
      case float[] numbers -> Arrays.toString(numbers);
      case double[] numbers -> Arrays.toString(numbers);
      case boolean[] flags -> Arrays.toString(flags);
      default -> setting.toString();
    };
  }
}
